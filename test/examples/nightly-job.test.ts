import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { EmbeddedServer } from "@quorate/testing";
import { expect, test } from "vitest";
import { openDatabase } from "../../examples/nightly-job/src/database.ts";
import { main } from "../../examples/nightly-job/src/main.ts";
import { makeReport, store } from "../../examples/nightly-job/src/nightly-report.ts";
import { ownChroot, printed } from "./support.ts";

test("of a fleet that wakes up at once, one makes the report", async () => {
  const { servers, client } = await ownChroot();
  const lines = await printed(main, servers);
  expect(lines.filter((line) => line.endsWith(" computes"))).toHaveLength(1);
  expect(lines.filter((line) => line.endsWith(": done"))).toHaveLength(1);
  expect(lines.filter((line) => line.endsWith(": done-already"))).toHaveLength(2);
  expect(lines.at(-1)).toBe('[{"name":"sales","total":4711}]');
  expect(await client.children("/locks/nightly-report")).toEqual([]);
});

test("the database refuses whoever lost the lock without noticing", async () => {
  await using server = await EmbeddedServer.start();
  await using stale = await connect(server.connectString);
  await using fresh = await connect(server.connectString);
  const database = await openDatabase(undefined);

  const lease = await new Mutex(stale, "/locks/nightly-report").acquire();
  server.expireSession(stale.session.id);
  expect(await makeReport(new Mutex(fresh, "/locks/nightly-report"), database, "2026-01-02", async () => 2)).toBe(
    "done",
  );
  expect(await store(lease, database, "2026-01-03", 1)).toBe("refused");
  expect(await database.query("select day::text, total from reports")).toEqual([{ day: "2026-01-02", total: 2 }]);
  await database.close();
});
