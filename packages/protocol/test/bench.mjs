// Nanoseconds an operation of the codec takes. Build first, then: node packages/protocol/test/bench.mjs
import { GetDataReply, operations, Reader, ReplyHeader, Writer, writeRequest } from "@quorate/protocol";

const stat = {
  czxid: 4294967302n,
  mzxid: 4294967305n,
  ctime: 1795233812811n,
  mtime: 1795233812841n,
  version: 3,
  cversion: 1,
  aversion: 0,
  ephemeralOwner: 72057691099824129n,
  dataLength: 100,
  numChildren: 0,
  pzxid: 4294967302n,
};

function frameOf(write) {
  const writer = new Writer();
  write(writer);
  return writer.take();
}

const reply = frameOf((writer) => {
  ReplyHeader.write(writer, { xid: 7, zxid: 4294967305n, err: 0 });
  GetDataReply.write(writer, { data: new Uint8Array(100).fill(120), stat });
});
const listing = frameOf((writer) => {
  ReplyHeader.write(writer, { xid: 7, zxid: 4294967305n, err: 0 });
  const children = Array.from({ length: 100 }, (_, i) => `_c_6d0fca08-lock-${String(i).padStart(10, "0")}`);
  operations.getChildren2.reply.write(writer, { children, stat });
});

function decode(frame, codec) {
  const reader = new Reader(frame);
  return [ReplyHeader.read(reader), codec.read(reader)];
}

const cases = {
  "decode header + GetDataReply, 100 B of data": () => decode(reply, operations.getData.reply),
  "decode header + GetChildren2Reply, 100 names": () => decode(listing, operations.getChildren2.reply),
  "encode 100 getData requests, then take": (() => {
    const writer = new Writer();
    return () => {
      for (let xid = 1; xid <= 100; xid++)
        writeRequest(writer, xid, { op: "getData", path: "/app/key-17", watch: false });
      return writer.take();
    };
  })(),
  "encode one setData request of 100 B, then take": (() => {
    const writer = new Writer();
    const data = new Uint8Array(100);
    return () => {
      writeRequest(writer, 1, { op: "setData", path: "/app/key-17", data, version: -1 });
      return writer.take();
    };
  })(),
};

let kept;
for (const [name, run] of Object.entries(cases)) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 10; round++) {
    const count = name.includes("100 ") ? 10_000 : 100_000;
    const start = performance.now();
    for (let i = 0; i < count; i++) kept = run();
    best = Math.min(best, ((performance.now() - start) * 1e6) / count);
  }
  console.log(`${best.toFixed(0).padStart(8)} ns  ${name}`);
}
if (kept === undefined) throw new Error("nothing was measured");
