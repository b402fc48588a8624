import { ConnectRequest, OpCode } from "@quorate/protocol";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ServerStream } from "../../src/embedded/connection/server-stream.ts";
import { resolveServerOptions } from "../../src/embedded/options.ts";
import { ServerCore } from "../../src/embedded/server-core.ts";
import { frameOf, newSession } from "./support/raw-session.ts";

/** A client's end that takes nothing. */
class StuckStream implements ServerStream {
  readonly remoteAddress = "127.0.0.1";
  readonly remotePort = 1;
  queuedBytes = 0;
  isPaused = false;
  readonly calls: string[] = [];

  write(bytes: Uint8Array): void {
    this.queuedBytes += bytes.length;
  }
  end(): void {
    this.calls.push("end");
  }
  destroy(): void {
    this.calls.push("destroy");
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
}

const hello = frameOf((w) => ConnectRequest.write(w, newSession));
const request = (type: number): Buffer => frameOf((w) => [w.int(1), w.int(type)]);

let core: ServerCore;
beforeEach(() => {
  vi.useFakeTimers();
  core = new ServerCore(resolveServerOptions({ handshakeTimeoutMs: 1000 }));
});
afterEach(() => {
  core.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it("a client that says goodbye and takes no answer is not waited for", () => {
  const stream = new StuckStream();
  core.accept(stream).data(Buffer.concat([hello, request(OpCode.closeSession)]));
  expect(stream.calls).toEqual(["end"]);
  expect(core.dropCounts.all.closed).toBe(1);
  vi.advanceTimersByTime(5000);
  expect(stream.calls).toEqual(["end", "destroy"]);
  expect(core.connections.size).toBe(0);
  expect(core.dropCounts.all["half-open"]).toBe(0);
});

it("nobody runs out of time for a handshake while the server is frozen", () => {
  const stream = new StuckStream();
  core.accept(stream);
  core.freeze();
  vi.advanceTimersByTime(5000);
  expect(stream.calls).toEqual([]);
  core.thaw();
  expect(stream.calls).toEqual(["destroy"]);
  expect(core.dropCounts.all["half-open"]).toBe(1);
});

it("nothing is read while too much is unread, and all of it once that has gone", async () => {
  const stream = new StuckStream();
  const events = core.accept(stream);
  events.data(hello);
  await Promise.resolve();
  stream.queuedBytes = 2_000_000;
  events.data(Buffer.concat([request(OpCode.ping), request(OpCode.ping)]));
  expect(stream.isPaused).toBe(true);
  expect(core.traffic.received).toBe(1);
  events.drain();
  expect(core.traffic.received).toBe(1);
  stream.queuedBytes = 0;
  events.drain();
  expect(core.traffic.received).toBe(3);
  expect(stream.isPaused).toBe(false);
});

it("goes on where the stream has taken everything at once, and so never says that it has drained", async () => {
  const stream = new StuckStream();
  stream.write = () => {};
  const events = core.accept(stream);
  core.state.write((transaction) => core.state.tree.setData("/", Buffer.alloc(1_000_000), transaction));
  const read = frameOf((w) => [w.int(1), w.int(OpCode.getData), w.string("/"), w.boolean(false)]);
  events.data(Buffer.concat([hello, ...Array.from({ length: 10 }, () => read)]));
  expect(core.traffic.received).toBeLessThan(11);
  for (let i = 0; i < 50; i++) await Promise.resolve();
  expect(core.traffic.received).toBe(11);
  expect(stream.isPaused).toBe(false);
});
