import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { FaultProxy } from "@quorate/testing";
import { markdownTable } from "markdown-table";
import type { Actors } from "../../interop/support/actors.ts";
import { startCurator } from "../../interop/support/java.ts";
import { startKazoo } from "../../interop/support/kazoo.ts";
import { missing, type PeerName } from "../../interop/support/peers.ts";
import type { LibraryName } from "./hosts.ts";

/** What a lock costs on the wire, as a proxy between client and server sees it. */
export interface RoundTrips {
  readonly library: LibraryName;
  readonly acquire: number;
  readonly release: number;
  /** Of a second client, from lining up to waiting. */
  readonly wait: number;
  /** Of the second client, from the first one's release to its own lock. */
  readonly handOff: number;
  /** That the second client gets at the hand-off. */
  readonly handOffEvents: number;
}

interface Contender {
  acquire(): Promise<unknown>;
  release(): Promise<unknown>;
}

/** Opens one contender behind each of the addresses. */
type Open = (servers: readonly string[], path: string) => Promise<{ contenders: Contender[]; close(): Promise<void> }>;

async function quorate(servers: readonly string[], path: string): ReturnType<Open> {
  const clients = await Promise.all(servers.map((server) => connect(server)));
  const contenders = clients.map((client) => {
    const mutex = new Mutex(client, path);
    let lease: Lease | undefined;
    return {
      acquire: async () => (lease = await mutex.acquire()),
      release: async () => lease?.release(),
    };
  });
  return { contenders, close: async () => void (await Promise.all(clients.map((client) => client.close()))) };
}

async function actors(start: () => Promise<Actors>, command: string, servers: readonly string[], path: string) {
  const process = await start();
  const all = await Promise.all(servers.map((server, index) => process.actor(String(index), server)));
  const contenders = all.map((actor) => ({
    acquire: () => actor.call(`${command}.acquire`, path, 60_000),
    release: () => actor.call(`${command}.release`, path),
  }));
  return { contenders, close: () => process[Symbol.asyncDispose]() };
}

const libraries: readonly { readonly name: LibraryName; readonly peer?: PeerName; readonly open: Open }[] = [
  { name: "quorate", open: quorate },
  {
    name: "curator",
    peer: "Apache Curator",
    open: (servers, path) => actors(startCurator, "mutex", servers, path),
  },
  {
    name: "kazoo",
    peer: "kazoo",
    open: async (servers, path) => {
      const opened = await actors(async () => startKazoo(), "lock", servers, path);
      return opened;
    },
  },
];

export async function countRoundTrips(server: string, base: string): Promise<RoundTrips[]> {
  await using observer = await connect(server);
  const all: RoundTrips[] = [];
  for (const { name, peer, open } of libraries) {
    if (peer === undefined || missing(peer) === undefined) {
      all.push({ library: name, ...(await countOne(server, `${base}/${name}`, open, observer)) });
    }
  }
  await observer.delete(base, { recursive: true });
  return all;
}

async function countOne(server: string, path: string, open: Open, observer: Client) {
  const { hostname: host, port } = new URL(`tcp://${server}`);
  await using first = await FaultProxy.listen({ target: { host, port: Number(port) } });
  await using second = await FaultProxy.listen({ target: { host, port: Number(port) } });
  const { contenders, close } = await open([first.connectString, second.connectString], path);
  const [holder, waiter] = contenders as [Contender, Contender];
  const count = async (proxy: FaultProxy, action: () => Promise<unknown>): Promise<number> => {
    const before = proxy.stats().roundTrips;
    await action();
    return proxy.stats().roundTrips - before;
  };
  try {
    // The first times also make the lock's directory.
    for (const contender of contenders) {
      await contender.acquire();
      await contender.release();
    }
    const acquire = await count(first, () => holder.acquire());
    let next: Promise<unknown> = Promise.resolve();
    const wait = await count(second, async () => {
      next = waiter.acquire();
      while ((await observer.children(path)).length < 2) await pause(5);
      await pause(200);
    });
    const { watchEvents } = second.stats();
    let release = 0;
    const handOff = await count(second, async () => {
      release = await count(first, () => holder.release());
      await next;
    });
    const handOffEvents = second.stats().watchEvents - watchEvents;
    await waiter.release();
    return { acquire, release, wait, handOff, handOffEvents };
  } finally {
    await close();
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

export function roundTripTable(all: readonly RoundTrips[]): string {
  const rows = all.map(({ library, ...figures }) => [library, ...Object.values(figures).map(String)]);
  const head = ["round trips of a lock", "acquire", "release", "line up and wait", "hand-off", "hand-off's events"];
  return markdownTable([head, ...rows], { align: ["l", "r", "r", "r", "r", "r"] });
}
