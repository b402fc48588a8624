import { Mutex } from "@quorate/lock";
import { zookeeperTest } from "@quorate/testing/vitest";
import { expect } from "vitest";
import { Ledger } from "../src/ledger.ts";

/** A server for this file, in memory, in a millisecond. A test that leaves a session, a watch or an ephemeral znode behind fails. */
const test = zookeeperTest();

test("numbers entries without gaps, however many book at once", async ({ zookeeper }) => {
  await using one = await zookeeper.connect();
  await using two = await zookeeper.connect();
  const booking = [new Ledger(one), new Ledger(two)].flatMap((ledger) =>
    Array.from({ length: 10 }, (_, i) => ledger.book(`entry ${i}`)),
  );
  const numbers = await Promise.all(booking);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});

test.for(["before", "after"] as const)(
  "cannot tell whether it booked when the connection breaks %s the server has applied it",
  async (when, { zookeeper }) => {
    await using client = await zookeeper.connect();
    const ledger = new Ledger(client);
    const count = (await ledger.entries()).length;
    zookeeper.server?.failNext({ op: "multi", when });
    await expect(ledger.book("perhaps")).rejects.toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    expect(await ledger.entries()).toHaveLength(when === "after" ? count + 1 : count);
  },
);

test("goes on in the next session when its own expires while it waits", async ({ zookeeper }) => {
  await using other = await zookeeper.connect();
  await using client = await zookeeper.connect();
  const held = await new Mutex(other, "/locks/ledger").acquire();
  const booking = new Ledger(client).book("late");
  zookeeper.server?.expireSession(client.session.id);
  await held.release();
  expect(await booking).toBeGreaterThan(0);
});
