import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Servers, startServers } from "../support/servers.ts";
import { isLive } from "./support/server-view.ts";
import { Worker } from "./support/worker.ts";
import type { Report } from "./workers/frozen-holder.ts";

let ensemble: Servers;

beforeAll(async () => {
  ensemble = await startServers();
});

afterAll(async () => {
  await ensemble?.close();
});

test("a process frozen for longer than its session does not believe in its lock any more, and cannot write under it", async () => {
  await using observer = await connect(ensemble.connectString);
  await observer.create("/guarded", "before");
  await using worker = new Worker<Report>("frozen-holder.ts", ["/frozen", "/guarded"], ensemble.connectString);
  const { reports } = worker;
  const acquired = await eventually(() => only(reports, "acquired")[0]);
  await eventually(() => only(reports, "belief").length > 0);

  worker.freeze();
  const successor = await new Mutex(observer, "/frozen").acquire({ timeoutMs: 60_000 });
  expect(await isLive(ensemble, BigInt(acquired.session))).toBe(false);
  await successor.transaction().set("/guarded", "successor").commit();
  worker.thaw();

  const refused = await eventually(() => only(reports, "refused")[0]);
  expect(refused).toEqual({ kind: "refused", fenced: "LEASE_LOST", pinned: "SESSION_EXPIRED" });
  // Its very first look after the freeze told it: from a gap in time on, it never believed.
  const beliefs = only(reports, "belief");
  expect(beliefs.map(({ isHeld }) => isHeld)).toEqual(beliefs.map((_, index) => index < beliefs.length - 1));
  const [last, before] = [beliefs.at(-1), beliefs.at(-2)];
  expect((last?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThan(1_000);
  const { data, stat } = await observer.get("/guarded");
  expect(Buffer.from(data ?? []).toString()).toBe("successor");
  expect(stat.version).toBe(1);

  successor.assertHeld();
  await successor.release();
  await worker.ended;
  const tokens = [BigInt(acquired.token), successor.fencingToken, BigInt(only(reports, "acquired")[1]?.token ?? -1)];
  expect(tokens).toEqual([...tokens].sort((a, b) => (a < b ? -1 : 1)));
  expect(new Set(tokens).size).toBe(3);
  expect(await observer.children("/frozen")).toEqual([]);
});

function only<Kind extends Report["kind"]>(
  reports: readonly Report[],
  kind: Kind,
): readonly Extract<Report, { kind: Kind }>[] {
  return reports.filter((report): report is Extract<Report, { kind: Kind }> => report.kind === kind);
}
