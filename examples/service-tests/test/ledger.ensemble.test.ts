import { connect } from "@quorate/core";
import { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ledger } from "../src/ledger.ts";

let ensemble: ZooKeeperEnsemble;

beforeAll(async () => {
  ensemble = await ZooKeeperEnsemble.start({ nodes: 3 });
}, 120_000);

afterAll(() => ensemble?.close());

test("goes on while the ensemble's leader is killed", { timeout: 120_000 }, async () => {
  await using client = await connect(ensemble.connectString, { sessionTimeoutMs: 30_000 });
  const ledger = new Ledger(client);
  const leader = await ensemble.leader();
  await ledger.book("before");
  await ensemble.kill(leader?.id ?? 1);
  await ensemble.ready();
  await ledger.book("after", { timeoutMs: 60_000 });
  expect(await ledger.entries()).toEqual(["before", "after"]);
});
