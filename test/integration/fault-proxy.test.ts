import { connect } from "@quorate/core";
import { FaultProxy } from "@quorate/testing";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";

/** A proxy of the test's own in front of the shared ensemble: its faults are nobody else's. */
let proxy: FaultProxy;

beforeEach(async () => {
  const [host = "", port = ""] = (inject("zookeeper").members[0] ?? "").split(":");
  proxy = await FaultProxy.listen({ target: { host, port: Number(port) } });
});

afterEach(async () => {
  await proxy.close();
});

test("a create whose reply is dropped has been applied", async () => {
  await using client = await connect(proxy.connectString);
  const drop = proxy.dropReply({ op: ["create", "create2"], path: "/fault-proxy-drop" });
  await expect(client.create("/fault-proxy-drop", "x")).rejects.toMatchObject({ code: "CONNECTION_LOSS" });
  expect(await drop.settled).toBe("dropped");
  expect(await client.exists("/fault-proxy-drop")).toBeDefined();
  await client.delete("/fault-proxy-drop");
});

test("counts a client's round trips: what travels together is one", async () => {
  await using client = await connect(proxy.connectString);
  const before = proxy.stats();
  await Promise.all([client.exists("/"), client.children("/")]);
  const together = proxy.stats();
  expect(together.requests - before.requests).toBe(2);
  expect(together.roundTrips - before.roundTrips).toBe(1);
  await client.exists("/");
  await client.exists("/");
  expect(proxy.stats().roundTrips - together.roundTrips).toBe(2);
  expect(proxy.stats().requestsByOp).toMatchObject({ exists: 3 });
});

test("a blackhole takes the client's connection away, and passing brings it back", async () => {
  await using client = await connect(proxy.connectString, { sessionTimeoutMs: 3000 });
  proxy.mode = "blackhole";
  await eventually(() => client.state !== "connected");
  proxy.mode = "pass";
  await eventually(() => client.state === "connected");
  expect(await client.exists("/")).toBeDefined();
});
