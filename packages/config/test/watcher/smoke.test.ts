import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { expect, test } from "vitest";
import * as z from "zod";
import { ConfigWatcher } from "../../src/index.ts";

test("smoke", async () => {
  await using server = await EmbeddedServer.start();
  await using client = await connect(server.connectString);
  await client.create("/config/app", '{"port":1}', { parents: true });
  await using config = await ConfigWatcher.open(client, "/config/app", {
    schema: z.object({ port: z.number() }),
    snapshotFile: "/tmp/snap-smoke.json",
    history: 3,
    author: "me",
  });
  expect(config.value).toEqual({ port: 1 });
  const seen: number[] = [];
  void (async () => {
    for await (const { value } of config.watch()) seen.push(value.port);
  })();
  const invalid: unknown[] = [];
  config.on("invalid", (e) => invalid.push(e));
  for (let i = 0; i < 6; i++) {
    const v = await config.update((draft) => {
      draft.port++;
    });
    expect(config.value.port).toBe(i + 2);
    expect(config.version).toEqual(v);
  }
  await client.set("/config/app", '{"port":"hunter2"}');
  await expect.poll(() => invalid.length).toBe(1);
  console.log(invalid, config.version, seen, await config.history());
  console.log(await client.children("/config/.history/app"));
  await expect(config.update((d) => d)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await config.rollback(6);
  console.log(config.version, await config.history());
});
