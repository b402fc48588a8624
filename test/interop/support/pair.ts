import { afterAll, beforeAll } from "vitest";
import type { Actor, Actors } from "./actors.ts";
import type { TestedServer } from "./servers.ts";

/** Two sessions of a peer for the tests of a `describe`, in one process. */
export interface Pair {
  readonly a: Actor;
  readonly b: Actor;
}

export function usePair(server: TestedServer, start: () => Actors | Promise<Actors>): Pair {
  let process: Actors | undefined;
  let pair: Pair | undefined;
  beforeAll(async () => {
    process = await start();
    const [a, b] = await Promise.all([
      process.actor("a", server.connectString),
      process.actor("b", server.connectString),
    ]);
    pair = { a, b };
  });
  afterAll(() => process?.[Symbol.asyncDispose]());
  const running = (): Pair => {
    if (pair === undefined) throw new Error("the pair is there within tests and hooks only");
    return pair;
  };
  return {
    get a() {
      return running().a;
    },
    get b() {
      return running().b;
    },
  };
}
