/** Measures Quorate's recipes as it is told. What the scenarios are is said here; the other hosts do the same with theirs. */
import type { Client } from "@quorate/core";
import { LeaderLatch, type Term } from "@quorate/leader";
import { Mutex } from "@quorate/lock";
import { answer } from "./answering.ts";
import { clientOf, clientsOf, measured, pause } from "./quorate-clients.ts";
import { arrivals, fanOut, views } from "./quorate-views.ts";

const mutexes = new Map<string, Mutex>();

function mutexOf(client: Client, path: string): Mutex {
  const key = `${client.session.id} ${path}`;
  const mutex = mutexes.get(key) ?? new Mutex(client, path);
  mutexes.set(key, mutex);
  return mutex;
}

/** Acquires and releases: `lanes` at a time, each through one of the clients, in turn on each of the locks. */
async function cycles(
  servers: string,
  base: string,
  clientCount: number,
  locks: number,
  lanes: number,
  count: number,
): Promise<object> {
  const all = await clientsOf(servers, clientCount);
  const latenciesUs = new Float64Array(count);
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    const client = all[number % clientCount] as Client;
    for (let index = next++; index < count; index = next++) {
      const mutex = mutexOf(client, `${base}/lock-${index % locks}`);
      const start = performance.now();
      const lease = await mutex.acquire();
      await lease.release();
      latenciesUs[index] = (performance.now() - start) * 1000;
    }
  };
  return measured(latenciesUs, () => Promise.all(Array.from({ length: lanes }, (_, number) => lane(number))));
}

/** Two contend; the leader resigns, as often as told: from that moment to the other's knowing that it leads. */
async function handOvers(servers: string, base: string, count: number): Promise<object> {
  const path = `${base}/latch`;
  const observer = await clientOf(servers, 2);
  const latches = await Promise.all([0, 1].map(async (index) => new LeaderLatch(await clientOf(servers, index), path)));
  const terms = latches.map((latch) => latch.terms());
  const nextTerm = async (index: number): Promise<{ term: Term; at: number }> => {
    const { value } = await (terms[index % 2] as AsyncIterator<Term>).next();
    return { term: value as Term, at: performance.now() };
  };
  const latenciesUs = new Float64Array(count);
  let { term } = await nextTerm(0);
  let following = nextTerm(1);
  const result = await measured(latenciesUs, async () => {
    for (let index = 0; index < count; index++) {
      while ((await observer.children(path)).length < 2) await pause(1);
      await pause(5);
      const start = performance.now();
      void term.resign();
      const next = await following;
      latenciesUs[index] = (next.at - start) * 1000;
      term = next.term;
      following = nextTerm(index);
    }
  });
  await Promise.all(terms.map(async (iterator) => iterator.return?.()));
  return result;
}

await answer({ cycles, handOvers, views, arrivals, fanOut });
