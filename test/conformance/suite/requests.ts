import { openAcl } from "@quorate/core";
import { CreateMode, errorName, OpCode, type Operation, operations, Reader, Writer } from "@quorate/protocol";
import { type RawConnection, type Sent, told } from "../support/raw-connection.ts";
import { type Wire, type WireCase } from "../support/wire-case.ts";

/** The servers' limit of one frame, `jute.maxbuffer`. */
const maxFrameBytes = 0xfffff;

/** A request that is always answered, to hear whether anything else comes before, or the end. */
const sentinel = { op: "exists", path: "/", watch: false } as const;

/** Tells everything there is to hear of what was just sent. */
async function tellOf(wire: Wire, connection: RawConnection, what: string, xid: number): Promise<void> {
  const last = connection.ask(sentinel);
  const all = await connection.until(last);
  const ofSentinel = (sent: Sent): boolean => sent.kind === "reply" && sent.xid === last;
  const heard = all
    .filter((sent) => !ofSentinel(sent))
    .map((sent) => (sent.kind === "reply" && sent.xid === xid ? told(sent).replace(/ -?\d+/, "") : told(sent)));
  wire.tell(`${what}: ${[...heard, ...(all.some(ofSentinel) ? ["goes on"] : [])].join(", ")}`);
}

/**
 * Tells the answer alone. Whether the connection outlives a malformed request is left to the server: the real one mostly goes on, the
 * embedded one is made to hang up.
 */
async function tellAnswer(wire: Wire, connection: RawConnection, what: string): Promise<void> {
  wire.tell(`${what}: ${told(await connection.next()).replace(/ -?\d+/, "")}`);
}

function encoded(operation: Operation): Buffer {
  const writer = new Writer();
  operations[operation.op].request.write(writer, operation as never);
  return writer.take();
}

function bytes(content: Uint8Array): (writer: Writer) => void {
  return (writer) => {
    for (const byte of content) writer.byte(byte);
  };
}

/** One of each kind, each about the case's root. */
function oneOfEach(path: string): readonly Operation[] {
  const creation = { path: `${path}/n`, data: Buffer.from("x"), acl: openAcl, flags: CreateMode.persistent };
  return [
    { op: "create", ...creation },
    { op: "createTtl", ...creation, flags: CreateMode.persistentWithTtl, ttl: 1_000_000n },
    { op: "delete", path, version: -1 },
    { op: "exists", path, watch: false },
    { op: "getData", path, watch: false },
    { op: "setData", path, data: null, version: -1 },
    { op: "getAcl", path },
    { op: "setAcl", path, acl: openAcl, version: -1 },
    { op: "getChildren", path, watch: false },
    { op: "getChildren2", path, watch: false },
    { op: "sync", path },
    { op: "multi", operations: [{ op: "check", path, version: 0 }] },
    { op: "multiRead", operations: [{ op: "getData", path, watch: false }] },
    { op: "addWatch", path, mode: 0 },
    { op: "checkWatches", path, type: 3 },
    { op: "removeWatches", path, type: 3 },
    { op: "getEphemerals", prefixPath: path },
    { op: "getAllChildrenNumber", path },
    // No reconfig: a malformed one takes a member of 3.8.0 down.
  ];
}

export const requests: readonly WireCase[] = [
  {
    name: "operations nobody knows",
    async run(wire) {
      for (const type of [999, 99, 10, -5, OpCode.error, OpCode.notification]) {
        const connection = await wire.session();
        connection.send(type);
        await tellAnswer(wire, connection, `operation ${type}`);
      }
    },
  },
  {
    name: "requests that end too early",
    async run(wire) {
      for (const operation of oneOfEach(wire.base)) {
        for (const length of [0, 3, encoded(operation).length - 1]) {
          const connection = await wire.session();
          connection.send(operations[operation.op].type, bytes(encoded(operation).subarray(0, length)));
          const how = length < 4 ? `${length} bytes` : "the last byte missing";
          await tellAnswer(wire, connection, `${operation.op}, ${how}`);
        }
      }
    },
  },
  {
    name: "requests with more at the end",
    async run(wire) {
      await wire.sessionWithRoot();
      for (const operation of oneOfEach(wire.base)) {
        if (operation.op === "delete") continue;
        const connection = await wire.session();
        const longer = Buffer.concat([encoded(operation), Buffer.alloc(5, 1)]);
        const xid = connection.send(operations[operation.op].type, bytes(longer));
        await tellOf(wire, connection, operation.op, xid);
      }
    },
  },
  {
    name: "lengths within a request that lead out of it",
    async run(wire) {
      const path = Buffer.alloc(8);
      for (const length of [-2, 2 ** 31 - 1, 500_000]) {
        path.writeInt32BE(length);
        for (const op of ["getData", "delete", "setData", "create", "sync"] as const) {
          const connection = await wire.session();
          connection.send(operations[op].type, bytes(path));
          await tellAnswer(wire, connection, `${op}, a path of ${length}`);
        }
      }
    },
  },
  {
    name: "xids are given back as they came",
    async run(wire) {
      const connection = await wire.session();
      const xids = [1, 1, 0, -3, -5, -7, 2 ** 31 - 1, -(2 ** 31), 5];
      for (const xid of xids) connection.ask(sentinel, xid);
      for (const _ of xids) wire.tell(told(await connection.next()).replace(/\d+ bytes/, "ok"));
    },
  },
  {
    name: "answers come in the order of the requests",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      const xids: number[] = [];
      for (let round = 0; round < 50; round++) {
        xids.push(connection.ask({ op: "setData", path: wire.base, data: Buffer.from(`${round}`), version: round }));
        xids.push(connection.ask({ op: "getData", path: wire.base, watch: false }));
        xids.push(connection.ask({ op: "sync", path: wire.base }));
        xids.push(connection.ask({ op: "getData", path: `${wire.base}/missing`, watch: false }));
        xids.push(connection.ask({ op: "delete", path: `${wire.base}/missing`, version: -1 }));
      }
      const answers = await connection.until(xids.at(-1) as number);
      const got = answers.map((sent) => (sent.kind === "reply" ? sent.xid : Number.NaN));
      wire.tell(got.join() === xids.join() ? "in order" : `${got.join()} instead of ${xids.join()}`);
      const versions = answers.flatMap((sent, index) =>
        index % 5 === 1 && sent.kind === "reply" ? [sent.body.readInt32BE(sent.body.length - 36)] : [],
      );
      wire.tell(`each read sees the write before it: ${versions.every((version, round) => version === round + 1)}`);
    },
  },
  {
    name: "the zxid of an answer",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      let before = 0n;
      const ask = async (what: string, operation: Operation): Promise<void> => {
        connection.ask(operation);
        const sent = await connection.next();
        if (sent.kind !== "reply") return wire.tell(told(sent));
        const than =
          sent.zxid > before ? "newer than before" : sent.zxid === before ? "as before" : "older than before";
        wire.tell(`${what}: ${sent.err === 0 ? "ok" : errorName(sent.err)}, ${than}`);
        before = sent.zxid;
        if (operation.op !== "create2") return;
        const { stat } = operations.create2.reply.read(new Reader(sent.body)) as { readonly stat: { czxid: bigint } };
        wire.tell(`that of the creation: ${stat.czxid === sent.zxid}`);
      };
      const path = `${wire.base}/n`;
      await ask("create2", { op: "create2", path, data: null, acl: openAcl, flags: 0 });
      await ask("setData", { op: "setData", path, data: null, version: -1 });
      await ask("a refused setData", { op: "setData", path, data: null, version: 9 });
      await ask("a refused multi", { op: "multi", operations: [{ op: "check", path, version: 9 }] });
      await ask("delete", { op: "delete", path, version: -1 });
    },
  },
  {
    name: "what a transaction tells of each operation",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      const path = wire.base;
      const check = (version: number): { op: "check"; path: string; version: number } => ({
        op: "check",
        path,
        version,
      });
      for (const versions of [[0], [0, 0], [9], [0, 9], [9, 0], [0, 0, 9, 0, 9], []]) {
        connection.ask({ op: "multi", operations: versions.map(check) });
        const sent = await connection.next();
        if (sent.kind !== "reply") return wire.tell(told(sent));
        const { results } = operations.multi.reply.read(new Reader(sent.body));
        const each = results.map((result) =>
          result.op === "error" ? (errorName(result.err) ?? result.err) : result.op,
        );
        wire.tell(`${versions.join()} of version 0: header ${sent.err}, ${each.join()}`);
      }
    },
  },
  {
    name: "the largest request",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      const setData = (dataLength: number): Operation<"setData"> => ({
        op: "setData",
        path: wire.base,
        data: Buffer.alloc(dataLength, 1),
        version: -1,
      });
      const room = maxFrameBytes - 8 - encoded(setData(0)).length;
      await tellOf(wire, connection, "at the limit", connection.ask(setData(room)));
      const { data } = await connection.call({ op: "getData", path: wire.base, watch: false });
      wire.tell(`all of it is there: ${data?.length === room}`);
      const other = await wire.session();
      await tellOf(wire, other, "one byte above", other.ask(setData(room + 1)));
      const { stat } = await connection.call({ op: "getData", path: wire.base, watch: false });
      wire.tell(`versions: ${stat.version}`);
    },
  },
  {
    name: "answers may be larger than requests",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      const names = Array.from({ length: 150 }, (_, index) => `${index}-`.padEnd(9000, "n"));
      const create = (name: string): Operation<"create"> => ({
        op: "create",
        path: `${wire.base}/${name}`,
        data: null,
        acl: openAcl,
        flags: 0,
      });
      const xids = names.map((name) => connection.ask(create(name)));
      await connection.until(xids.at(-1) as number);
      const { children } = await connection.call({ op: "getChildren", path: wire.base, watch: false });
      wire.tell(`${children.length} children, ${children.join("").length} characters`);
    },
  },
  {
    name: "requests behind the end of the session",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      connection.ask({ op: "closeSession" });
      connection.ask({ op: "setData", path: wire.base, data: null, version: -1 });
      wire.tell(told(await connection.next()));
      // Then the end, or SESSION_EXPIRED before it: the real server's threads race.
      const other = await wire.session();
      wire.tell(`versions: ${(await other.call({ op: "getData", path: wire.base, watch: false })).stat.version}`);
    },
  },
];
