import { connect } from "@quorate/core";
import { expect, it } from "vitest";
import { EmbeddedServer } from "../../src/index.ts";

it("reaps containers that have lost their last child, and TTL nodes nobody has changed for long enough", async () => {
  await using server = await EmbeddedServer.start();
  const client = await connect(server.connectString);
  await client.create("/fresh", "", { mode: "container" });
  await client.create("/used", "", { mode: "container" });
  await client.create("/full", "", { mode: "container" });
  await client.create("/used/child");
  await client.create("/full/child");
  await client.delete("/used/child");
  await client.create("/short", "", { ttlMs: 1 });
  await client.create("/parent", "", { ttlMs: 1 });
  await client.create("/parent/child");
  await client.create("/long", "", { ttlMs: 60_000 });
  await expect
    .poll(() => server.reapContainers() ?? server.snapshot().znodes.map(({ path }) => path))
    .not.toContain("/short");
  const left = await client.children("/");
  expect([...left].sort()).toEqual(["fresh", "full", "long", "parent", "zookeeper"]);
  // Owners are nobody's to see, as on a real server.
  expect((await client.get("/full")).stat.ephemeralOwner).toBe(0n);
  expect((await client.get("/long")).stat.ephemeralOwner).toBe(0n);
  await client.close();
});

it("looks for them by itself, and has a timer only while there may be some", async () => {
  await using server = await EmbeddedServer.start({ containerCheckIntervalMs: 20 });
  const client = await connect(server.connectString);
  await client.create("/c", "", { mode: "container" });
  await client.create("/c/child");
  await client.delete("/c/child");
  await expect.poll(() => client.exists("/c")).toBeUndefined();
  await client.close();
});
