/** Holds up a long line for one lock: waits many times over, tells what that takes, and passes the lock on from one to the next. */
import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { answer } from "./answering.ts";
import { growthOfEach, memory } from "./memory.ts";

let held: Lease | undefined;
let onTurn: (lease: Lease) => void = () => {};

/** One session for each of the servers; returns once everyone is in line and has its watches. */
async function wait(servers: string, path: string, count: number): Promise<object> {
  const clients = await Promise.all(
    servers.split(",").map((server) => connect(server, { operationTimeoutMs: 120_000 })),
  );
  const [first] = clients as [Client];
  const before = memory();
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const mutex = new Mutex(clients[index % clients.length] as Client, path);
    void mutex.acquire().then((lease) => onTurn(lease));
  }
  // The one who holds meanwhile is in line too.
  while (((await first.exists(path))?.numChildren ?? 0) <= count) await pause(50);
  await Promise.all(clients.map((client) => client.sync(path)));
  await pause(500);
  const elapsedMs = performance.now() - start;
  return { elapsedMs, ...growthOfEach(before, memory(), count) };
}

/** Releases what is held, if anything, and returns once the next in line holds. */
async function pass(): Promise<object> {
  const next = new Promise<Lease>((resolve) => {
    onTurn = resolve;
  });
  const start = performance.now();
  await held?.release();
  held = await next;
  return { elapsedMs: performance.now() - start };
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

await answer({ wait, pass });
