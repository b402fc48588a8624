import { EmbeddedServer, FaultProxy } from "@quorate/testing";
import { describe, expect, test } from "vitest";
import { addressOf } from "../support/wire.ts";
import { type Asked, type Manners, OddServer, type Say } from "./support/odd-server.ts";
import { provoke } from "./support/run-worker.ts";

/**
 * Each fault twice: by the bare binding, which shows that it is there, and by the driver over it, which shows that it is worked around. If
 * the first of a pair fails, the binding has mended the fault and the workaround may go.
 */
interface Running extends AsyncDisposable {
  readonly connectString: string;
}

async function embedded(): Promise<Running> {
  const server = await EmbeddedServer.start();
  return { connectString: server.connectString, [Symbol.asyncDispose]: () => server.stop() };
}

/** Opens a session, and is frozen a moment after. */
async function frozen(): Promise<Running> {
  const server = await embedded();
  const proxy = await FaultProxy.listen({ target: addressOf(server.connectString) });
  const freezing = setInterval(() => {
    if (proxy.stats().replyBytes > 0) proxy.mode = "blackhole";
  }, 1);
  return {
    connectString: proxy.connectString,
    async [Symbol.asyncDispose]() {
      clearInterval(freezing);
      await proxy.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const getData = 4;
const ping = 11;
const largeBytes = 100_000;

/** A znode of that size, in segments that leave one after the other. */
function answerSlowly({ xid, type, say, socket }: Asked): void {
  // An answer to a ping would stand in the middle of it.
  if (type === ping) return;
  if (type !== getData) return say(xid, -101);
  const bytes = Buffer.alloc(4 + 16 + 4 + largeBytes + 68);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(xid, 4);
  bytes.writeInt32BE(largeBytes, 20);
  let at = 0;
  const next = (): void => {
    socket.write(bytes.subarray(at, at + 1000));
    at += 1000;
    if (at < bytes.length) setTimeout(next, 5);
  };
  next();
}

/** Nothing that a stat, or data, could be read from. */
function answerRubbish({ xid, type, say }: Asked): void {
  if (type === getData) say(xid, 0, Buffer.from("7fffffff00", "hex"));
  else say(xid, -101);
}

const answerNothing = { answer: ({ xid, say }: Asked) => say(xid, -101) };
/** Once only, so that the next connection is a good one. */
function strayOnce(): Manners {
  let isDone = false;
  const opened = (say: Say): void => {
    if (!isDone) setTimeout(() => say(99), 100);
    isDone = true;
  };
  return { ...answerNothing, opened };
}

const nowhere = async (): Promise<Running> => ({ connectString: "127.0.0.1:1", async [Symbol.asyncDispose]() {} });

/** What the bare binding comes to: reports, the end of its process, or now this and now that. */
type Fate = "dies" | "chance" | readonly object[];

const faults: readonly [fault: string, server: () => Promise<Running>, binding: Fate, driver: readonly object[]][] = [
  [
    "a large answer in small segments",
    () => OddServer.start({ answer: answerSlowly }),
    [{ code: -116 }],
    [{ bytes: largeBytes, state: "connected", isSameSession: true }],
  ],
  ["get_acl on a missing node", embedded, "dies", [{ fate: "UNSUPPORTED", alive: true }]],
  ["two watchers due, and the first closes", embedded, "dies", [{ isTold: true, state: "closed" }]],
  ["one watcher for two clients", embedded, "dies", [{ events: 2 }]],
  ["a version that is a BigInt", embedded, "dies", [{ fate: "ENCODING" }]],
  [
    "an answer nobody asked for",
    () => OddServer.start(strayOnce()),
    "dies",
    [{ states: ["connected", "suspended", "connected"] }],
  ],
  [
    "an answer that cannot be decoded",
    () => OddServer.start({ answer: answerRubbish }),
    "chance",
    [{ fate: "CONNECTION_LOSS" }],
  ],
  ["a name that DNS does not know", nowhere, [{ fate: "nothing" }], [{ code: "CONNECT" }, { isTicking: true }]],
  ["a closed port", nowhere, [{ fate: "nothing" }], [{ code: "CONNECT", says: true }]],
  ["closing when the server is frozen", frozen, [{ isTicking: false }], [{ isTicking: true, state: "closed" }]],
  [
    "closing twice, and calls afterwards",
    embedded,
    [{ after: "nothing" }],
    [{ unsettled: 0 }, { after: ["CLOSED", "CLOSED"] }],
  ],
  ["a blocked event loop", embedded, [{ state: 3 }], [{ isStillValid: false }, { isNew: true }]],
  ["watch functions that are kept", embedded, [{ areKept: true }], [{ areKept: false }]],
  ["a worker thread", embedded, "dies", [{ code: "UNSUPPORTED", message: expect.stringContaining("worker threads") }]],
];

describe.concurrent.each(faults)("%s", (fault, server, binding, driver) => {
  test.skipIf(binding === "chance")("by the bare binding", async () => {
    await using running = await server();
    const { signal, reports, stderr } = await provoke(fault, "binding", running.connectString);
    if (binding === "dies") expect(["SIGABRT", "SIGSEGV"], stderr).toContain(signal);
    else expect(reports, stderr).toMatchObject(binding as readonly object[]);
  });

  test("by the driver", async () => {
    await using running = await server();
    const { status, reports, stderr } = await provoke(fault, "driver", running.connectString);
    expect(reports, stderr).toMatchObject(driver);
    expect(status, stderr).toBe(0);
  });
});
