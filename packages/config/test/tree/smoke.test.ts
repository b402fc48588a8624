import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { ConfigTree } from "../../src/index.ts";

test("smoke", async () => {
  await using server = await EmbeddedServer.start();
  await using client = await connect(server.connectString);
  await client.create("/g/db/host", '"a"', { parents: true });
  await client.create("/g/db/port", '1', { parents: true });
  await client.create("/s/db", '{"port": 2}', { parents: true });
  await using config = await ConfigTree.open(client, ["/g", "/s", "/i"], {
    schema: z.object({ db: z.object({ host: z.string(), port: z.number() }), extra: z.number().default(5) }),
    snapshotFile: "/tmp/snap-smoke-tree.json",
  });
  expect(config.value).toEqual({ db: { host: "a", port: 2 }, extra: 5 });
  const seen: unknown[] = [];
  void (async () => {
    for await (const { value, changes } of config.watch()) seen.push([value, changes]);
  })();
  await client.transaction().set("/g/db/host", '"b"').set("/s/db", '{"port": 3}').create("/i").create("/i/extra", "7").commit();
  await expect.poll(() => config.value.extra).toBe(7);
  expect(config.value).toEqual({ db: { host: "b", port: 3 }, extra: 7 });
  await expect.poll(() => seen.length).toBe(2);
  console.log(JSON.stringify(seen), config.version);
});
