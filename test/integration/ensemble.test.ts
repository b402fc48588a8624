import { connect } from "@quorate/core";
import { EnsembleError, type EnsembleProvider, ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { provider, startEnsemble } from "../support/ensembles.ts";

test("the shared ensemble has three members behind proxies, and serves", async () => {
  const { connectString, members } = inject("zookeeper");
  expect(members).toHaveLength(3);
  expect(connectString).toBe(members.join(","));
  await using client = await connect(connectString);
  expect(await client.exists("/zookeeper")).toBeDefined();
});
