import { connect } from "@quorate/core";
import { expect, test } from "vitest";
import { partitionsOf } from "../../examples/worker-pool/src/partitions.ts";
import { work } from "../../examples/worker-pool/src/worker.ts";
import { eventually } from "../support/eventually.ts";
import { ownChroot } from "./support.ts";

test("all partitions are shared out among whoever is in the group", async () => {
  const { servers, client } = await ownChroot();
  const assigned = new Map<string, readonly number[]>();
  const start = (id: string): { readonly stop: AbortController; readonly done: Promise<void> } => {
    const stop = new AbortController();
    const run = async (): Promise<void> => {
      await using own = await connect(servers);
      const onAssigned = (partitions: readonly number[]): void => void assigned.set(id, partitions);
      await work(own, { id, partitions: 20, signal: stop.signal, onAssigned });
      assigned.delete(id);
    };
    return { stop, done: run() };
  };
  const isShared = (...ids: string[]): Promise<boolean> =>
    eventually(() => {
      const all = [...assigned.values()].flat().sort((a, b) => a - b);
      expect([...assigned.keys()].sort()).toEqual(ids);
      expect(all).toEqual(Array.from({ length: 20 }, (_, partition) => partition));
      return true;
    });

  const a = start("a");
  await isShared("a");
  const b = start("b");
  const c = start("c");
  await isShared("a", "b", "c");
  b.stop.abort();
  await b.done;
  await isShared("a", "c");
  a.stop.abort();
  c.stop.abort();
  await Promise.all([a.done, c.done]);
  await client.sync("/");
  expect(await client.children("/workers")).toEqual([]);
});

test("when a member goes only its partitions move", () => {
  const before = partitionsOf("a", ["a", "b", "c"], 100);
  const after = partitionsOf("a", ["a", "c"], 100);
  expect(after).toEqual(expect.arrayContaining(before));
});
