import { type Client, connect, ServerError } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf, shown } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";

let ensemble: ZooKeeperEnsemble;
let client: Client;
let root: string;

beforeAll(async () => {
  ensemble = await startEnsemble({
    nodes: 1,
    systemProperties: {
      "zookeeper.extendedTypesEnabled": true,
      "znode.container.checkIntervalMs": 50,
      "zookeeper.enforceQuota": true,
    },
  });
  client = await connect(ensemble.connectString);
});

afterAll(async () => {
  await client?.close();
  await ensemble?.close();
});

beforeEach(async () => {
  root = await ownPath(client);
});

const isGone = async (path: string): Promise<boolean> => (await client.exists(path)) === undefined;

/** Resolves when the server has looked for what is to be removed, after this was called. */
async function reaperHasRun(): Promise<void> {
  const bait = await client.create(`${root}/bait-`, null, { mode: "persistent-sequential", ttlMs: 1 });
  await eventually(() => isGone(bait.path));
}

describe("containers", () => {
  test("are removed by the server after their last child, and not before", async () => {
    await client.create(`${root}/box`, "data", { mode: "container" });
    await client.create(`${root}/box/child`);
    await reaperHasRun();
    expect(await client.children(`${root}/box`)).toEqual(["child"]);
    await client.delete(`${root}/box/child`);
    await eventually(() => isGone(`${root}/box`));
  });

  test("as parents go one after the other; persistent parents stay", async () => {
    await client.create(`${root}/kept/n`, null, { parents: true });
    await client.create(`${root}/a/b/c/n`, null, { parents: "container" });
    await client.delete(`${root}/kept/n`);
    await client.delete(`${root}/a/b/c/n`);
    await eventually(() => isGone(`${root}/a`));
    expect(await isGone(`${root}/kept`)).toBe(false);
  });

  test("made in a transaction are of the same kind", async () => {
    await client.transaction().create(`${root}/box`, null, { mode: "container" }).create(`${root}/box/n`).commit();
    await client.delete(`${root}/box/n`);
    await eventually(() => isGone(`${root}/box`));
  });

  test("that vanish between two calls do not make a create with parents fail", async () => {
    const made = new Set<bigint | undefined>();
    while (made.size <= 5) {
      const { path } = await client.create(`${root}/busy/box/n`, null, { mode: "ephemeral", parents: "container" });
      made.add((await client.exists(`${root}/busy/box`))?.czxid);
      await client.delete(path);
    }
  });
});

describe("znodes with a TTL", () => {
  test("are removed by the server once they are old enough", async () => {
    const { path, stat } = await client.create(`${root}/short`, "data", { ttlMs: 50 });
    expect(path).toBe(`${root}/short`);
    expect(stat).toMatchObject({ version: 0, dataLength: 4, numChildren: 0 });
    await eventually(() => isGone(path));
  });

  test("sequential ones get their number", async () => {
    const options = { mode: "persistent-sequential", ttlMs: 2 ** 39 } as const;
    const first = await client.create(`${root}/n-`, null, options);
    const second = await client.create(`${root}/n-`, null, options);
    expect([first.path, second.path]).toEqual([`${root}/n-0000000000`, `${root}/n-0000000001`]);
  });

  test("stay while they are young, or have children", async () => {
    await client.create(`${root}/long`, null, { ttlMs: 0xff_ffff_ffff });
    await client.create(`${root}/parent`, null, { ttlMs: 1 });
    await client.create(`${root}/parent/child`);
    await reaperHasRun();
    await reaperHasRun();
    expect((await client.children(root)).sort()).toEqual(["long", "parent"]);
    await client.delete(`${root}/parent/child`);
    await eventually(() => isGone(`${root}/parent`));
  });

  test("made in a transaction are of the same kind", async () => {
    const [created] = await client.transaction().create(`${root}/short`, null, { ttlMs: 50 }).commit();
    expect(created).toMatchObject({ op: "create", path: `${root}/short`, stat: { version: 0 } });
    await eventually(() => isGone(`${root}/short`));
  });
});

test("ephemeral znodes belong to their session beside extended types, too", async () => {
  await using other = await connect(ensemble.connectString);
  const { stat } = await other.create(`${root}/mine`, null, { mode: "ephemeral" });
  expect(stat.ephemeralOwner).toBe(other.session.id);
  await other.close();
  expect(await isGone(`${root}/mine`)).toBe(true);
});

test("QUOTA_EXCEEDED where a hard quota is enforced", async () => {
  await client.create(`${root}/full/1`, null, { parents: true });
  const quota = "count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=3";
  await client.create(`/zookeeper/quota${root}/full/zookeeper_limits`, quota, { parents: true });
  await client.create(`/zookeeper/quota${root}/full/zookeeper_stats`, "count=2,bytes=0");
  await client.create(`${root}/full/2`);
  for (const call of [client.create(`${root}/full/3`), client.set(`${root}/full/1`, "top-secret ".repeat(20))]) {
    const error = await failureOf(call);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: "QUOTA_EXCEEDED", serverCode: -125 });
    expect(shown(error)).not.toContain("top-secret");
  }
  expect(await client.children(`${root}/full`)).toHaveLength(2);
});
