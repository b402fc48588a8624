import { OpCode, ReplyHeader, Writer, Xid } from "@quorate/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ProxyCounters } from "../../src/proxy/proxy-stats.ts";
import { ReplyDrop } from "../../src/proxy/reply-drop.ts";
import { Traffic } from "../../src/proxy/traffic.ts";
import { session } from "./raw-client.ts";

const hello = frame((writer) => writer.buffer(Buffer.alloc(40)));
const exists = (xid: number, path: string) => ({
  xid,
  type: OpCode.exists,
  body: (writer: Writer): void => {
    writer.string(path);
    writer.boolean(false);
  },
});

function frame(body: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  writer.frame(() => body(writer));
  return writer.take();
}

function reply(xid: number, bodyBytes: number): Buffer {
  return frame((writer) => {
    ReplyHeader.write(writer, { xid, zxid: 1n, err: 0 });
    for (let i = 0; i < bodyBytes; i++) writer.byte(i);
  });
}

/** Cuts bytes at the given places, wrapped around so that any number names one. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const offsets = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return offsets.slice(1).map((end, index) => bytes.subarray(offsets[index], end));
}

const places = fc.array(fc.nat(), { maxLength: 30 });

test("whatever the chunks, what precedes the dropped reply passes and nothing else", () => {
  const bodies = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(bodies, fc.nat(), places, places, fc.boolean(), (sizes, pick, requestCuts, replyCuts, isLate) => {
      const dropped = pick % sizes.length;
      const drops = new Set<ReplyDrop>();
      const counters = new ProxyCounters();
      const traffic = new Traffic(counters, drops);
      const requests = session(sizes.map((_, index) => exists(index + 1, index === dropped ? "/drop" : "/pass")));
      const before = [hello, ...sizes.slice(0, dropped).map((size, index) => reply(index + 1, size))];
      const after = sizes.slice(dropped).map((size, index) => reply(dropped + index + 1, size));
      const passed: Buffer[] = [];
      const feed = (bytes: Buffer): boolean =>
        cutAt(bytes, replyCuts).some((chunk) => {
          const verdict = traffic.reply(chunk);
          passed.push(Buffer.from(verdict.pass));
          return verdict.cut;
        });

      // The hello's reply may be half through when the request comes.
      const early = isLate ? hello.subarray(0, pick % hello.length) : Buffer.alloc(0);
      feed(early);
      const drop = new ReplyDrop({ path: "/drop" });
      drops.add(drop);
      for (const chunk of cutAt(requests, requestCuts)) traffic.request(chunk);
      expect(drop.state).toBe("forwarded");
      expect(feed(Buffer.concat([...before, ...after]).subarray(early.length))).toBe(true);
      expect(Buffer.concat(passed)).toEqual(Buffer.concat(before));
      expect(drop.state).toBe("dropped");
      expect(counters.requests).toBe(sizes.length);
    }),
  );
});

test("with nothing to drop every chunk passes as it came", () => {
  const stream = Buffer.concat([hello, reply(1, 30), reply(Xid.notification, 5), reply(2, 0)]);
  fc.assert(
    fc.property(places, (cuts) => {
      const traffic = new Traffic(new ProxyCounters(), new Set());
      for (const chunk of cutAt(stream, cuts)) expect(traffic.reply(chunk)).toEqual({ pass: chunk, cut: false });
    }),
  );
});

test("garbage passes too, in either direction and with a drop armed", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
      const traffic = new Traffic(new ProxyCounters(), new Set([new ReplyDrop({ path: "/a" })]));
      for (const chunk of chunks) {
        traffic.request(Buffer.from(chunk));
        expect(traffic.reply(Buffer.from(chunk))).toEqual({ pass: Buffer.from(chunk), cut: false });
      }
    }),
  );
});

test("a cancelled drop gives back what was held", () => {
  const drop = new ReplyDrop({});
  const traffic = new Traffic(new ProxyCounters(), new Set([drop]));
  traffic.request(session([exists(1, "/a")]));
  const bytes = Buffer.concat([hello, reply(1, 3)]);
  const first = traffic.reply(bytes.subarray(0, hello.length + 6));
  expect(first.pass).toEqual(hello);
  drop.cancel();
  const second = traffic.reply(bytes.subarray(hello.length + 6));
  expect(Buffer.concat([first.pass, second.pass])).toEqual(bytes);
});

test("a watch event counts as an answer for the round trips, a ping's reply does not", () => {
  const counters = new ProxyCounters();
  const traffic = new Traffic(counters, new Set());
  traffic.request(session([exists(1, "/a")]));
  traffic.reply(hello);
  const more = (xid: number): void => traffic.request(session([exists(xid, "/a")]).subarray(session([]).length));
  traffic.reply(reply(Xid.ping, 0));
  more(2);
  expect(counters.roundTrips).toBe(1);
  traffic.reply(reply(Xid.notification, 4));
  more(3);
  expect(counters.roundTrips).toBe(2);
});
