import {
  BadVersionError,
  type Client,
  connect,
  type Driver,
  digestAcl,
  InvalidArgumentError,
  LeaseLostError,
  NodeExistsError,
  NoNodeError,
  type Session,
  type Transaction,
} from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { wireDriver } from "../../packages/core/src/wire/wire-driver.ts";
import { bytes, text } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf, shown } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";
import { proxyTo, traffic } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");

let client: Client;
/** Looks at what the servers have, by another session. */
let observer: Client;
let root: string;

beforeAll(async () => {
  client = await connect(connectString);
  observer = await connect(connectString);
});

afterAll(async () => {
  await client?.close();
  await observer?.close();
});

beforeEach(async () => {
  root = await ownPath(client);
});

/** Everything below a path, with versions. */
async function tree(path: string): Promise<Record<string, string>> {
  await observer.sync(path);
  const found: Record<string, string> = {};
  const visit = async (at: string): Promise<void> => {
    const { data, stat } = await observer.get(at);
    found[at.slice(path.length)] = `${text(data)} v${stat.version}`;
    for (const name of await observer.children(at)) await visit(`${at}/${name}`);
  };
  await visit(path);
  return found;
}

describe.each([
  ["a client", (): Client | Session => client],
  ["a session", (): Client | Session => client.session],
])("through %s", (_name, zk) => {
  test("all of it is applied at once, in order, with a result each", async () => {
    await client.create(`${root}/a`, "0");
    await client.create(`${root}/old`);
    const results = await zk()
      .transaction()
      .check(`${root}/a`, 0)
      .set(`${root}/a`, "1", { version: 0 })
      .create(`${root}/b`, "b")
      .create(`${root}/b/n-`, "n", { mode: "ephemeral-sequential" })
      .create(`${root}/c`, null, { mode: "container" })
      .set(`${root}/b`, "b2")
      .delete(`${root}/old`, { version: 0 })
      .commit();
    expect(results).toEqual([
      { op: "check", path: `${root}/a` },
      { op: "set", path: `${root}/a`, stat: expect.objectContaining({ version: 1 }) },
      { op: "create", path: `${root}/b`, stat: undefined },
      { op: "create", path: `${root}/b/n-0000000000`, stat: undefined },
      { op: "create", path: `${root}/c`, stat: expect.objectContaining({ version: 0, numChildren: 0 }) },
      { op: "set", path: `${root}/b`, stat: expect.objectContaining({ version: 1 }) },
      { op: "delete", path: `${root}/old` },
    ]);
    expect(await tree(root)).toEqual({
      "": " v0",
      "/a": "1 v1",
      "/b": "b2 v1",
      "/b/n-0000000000": "n v0",
      "/c": " v0",
    });
    const zxids = await Promise.all(["/b", "/b/n-0000000000", "/c"].map((path) => observer.exists(root + path)));
    expect(new Set(zxids.map((stat) => stat?.czxid)).size).toBe(1);
    expect((await observer.exists(`${root}/b/n-0000000000`))?.ephemeralOwner).toBe(client.session.id);
  });

  test.each<
    [
      string,
      number,
      { readonly code: string; readonly op: string; readonly path: string },
      (all: Transaction) => Transaction,
    ]
  >([
    ["the first fails", 0, { code: "BAD_VERSION", op: "check", path: "/a" }, (all) => all.check(`${root}/a`, 7)],
    [
      "a later one fails",
      2,
      { code: "NODE_EXISTS", op: "create", path: "/a" },
      (all) => all.set(`${root}/a`, "lost").create(`${root}/b`).create(`${root}/a`, "top-secret"),
    ],
    [
      "one fails by what an earlier one did",
      1,
      { code: "NO_NODE", op: "set", path: "/a" },
      (all) => all.delete(`${root}/a`).set(`${root}/a`, "top-secret"),
    ],
    [
      "the last fails",
      3,
      { code: "NO_NODE", op: "delete", path: "/none" },
      (all) => all.check(`${root}/a`).set(`${root}/a`, "lost").create(`${root}/b`).delete(`${root}/none`),
    ],
    [
      "a set expects another version",
      1,
      { code: "BAD_VERSION", op: "set", path: "/a" },
      (all) => all.create(`${root}/b`).set(`${root}/a`, "top-secret", { version: 3 }),
    ],
    [
      "a znode that is deleted has children",
      1,
      { code: "NOT_EMPTY", op: "delete", path: "" },
      (all) => all.create(`${root}/b`).delete(root),
    ],
  ])("nothing is applied when %s, and the error tells which", async (_when, index, { code, op, path }, add) => {
    await client.create(`${root}/a`, "0");
    const before = await tree(root);
    const error = await failureOf(add(zk().transaction()).create(`${root}/after`).commit());
    expect(error).toMatchObject({ code, op, path: `${root}${path}`, index });
    expect(error.message).toContain(`operation ${index} of the transaction`);
    expect(shown(error)).not.toContain("top-secret");
    expect(await tree(root)).toEqual(before);
  });

  test("one request, and one round trip", async () => {
    await using proxy = await proxyTo(members[0]);
    await using other = await connect(proxy.connectString);
    const creator = zk() === client ? other : other.session;
    const many = creator.transaction();
    for (let index = 0; index < 50; index++) many.create(`${root}/n${index}`, String(index));
    expect(await traffic(proxy, () => many.commit())).toEqual({ roundTrips: 1, requests: { multi: 1 } });
    expect(await client.children(root)).toHaveLength(50);
  });

  test("an empty one sends nothing; none commits twice", async () => {
    await using proxy = await proxyTo(members[0]);
    await using other = await connect(proxy.connectString);
    const creator = zk() === client ? other : other.session;
    const { requests } = await traffic(proxy, async () => {
      expect(await creator.transaction().commit()).toEqual([]);
    });
    expect(requests).toEqual({});
    const once = creator.transaction().create(`${root}/once-`, null, { mode: "persistent-sequential" });
    await once.commit();
    expect(await failureOf(once.commit())).toBeInstanceOf(InvalidArgumentError);
    await client.sync(root);
    expect(await client.children(root)).toEqual(["once-0000000000"]);
  });

  test("refused by an ACL: nothing is applied", async () => {
    await client.create(`${root}/guarded`, "kept", { acl: [digestAcl("stranger", "pw")] });
    const error = await failureOf(zk().transaction().create(`${root}/x`).set(`${root}/guarded`, "top-secret").commit());
    expect(error).toMatchObject({ code: "NO_AUTH", index: 1, path: `${root}/guarded`, op: "set" });
    expect(await client.children(root)).toEqual(["guarded"]);
  });
});

test("of two transactions on one version, one is applied", async () => {
  await client.create(`${root}/counter`, "0");
  const raise = (zk: Client, name: string): Promise<unknown> =>
    zk.transaction().set(`${root}/counter`, name, { version: 0 }).create(`${root}/${name}`).commit();
  const results = await Promise.allSettled([raise(client, "one"), raise(observer, "two")]);
  expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const lost = results.find((result) => result.status === "rejected");
  expect(lost?.reason).toBeInstanceOf(BadVersionError);
  const winner = results[0]?.status === "fulfilled" ? "one" : "two";
  expect(await tree(root)).toEqual({ "": " v0", "/counter": `${winner} v1`, [`/${winner}`]: " v0" });
});

describe("a lease's transaction", () => {
  test("is applied while the lease is held; results and indexes are those of the caller's operations", async () => {
    await using lease = await new Mutex(client, `${root}/lock`).acquire();
    const results = await lease.transaction().create(`${root}/a`, "1").set(`${root}/a`, "2").commit();
    expect(results).toEqual([
      { op: "create", path: `${root}/a`, stat: undefined },
      { op: "set", path: `${root}/a`, stat: expect.objectContaining({ version: 1 }) },
    ]);
    const error = await failureOf(lease.transaction().check(`${root}/a`, 1).create(`${root}/a`).commit());
    expect(error).toBeInstanceOf(NodeExistsError);
    expect(error).toMatchObject({ index: 1, path: `${root}/a` });
    const first = await failureOf(lease.transaction().delete(`${root}/none`).commit());
    expect(first).toBeInstanceOf(NoNodeError);
    expect(first).toMatchObject({ index: 0, path: `${root}/none` });
    lease.assertHeld();
    expect((await observer.sync(root).then(() => observer.get(`${root}/a`))).data).toEqual(bytes("2"));
  });

  test("is refused by the server once a second holder has the lock, whatever the first one believes", async () => {
    let isDeaf = false;
    const driver: Driver = {
      ...wireDriver(),
      open: (options, events) =>
        wireDriver().open(options, { ...events, watch: (event) => isDeaf || events.watch(event) }),
    };
    await using stale = await connect(connectString, { driver });
    await client.create(`${root}/state`, "initial");
    const before = await new Mutex(client, `${root}/lock`).acquire();
    const acquiring = new Mutex(stale, `${root}/lock`).acquire();
    await eventually(async () => (await observer.children(`${root}/lock`)).length === 2);
    await before.release();
    const first = await acquiring;
    isDeaf = true;

    const waiting = new Mutex(client, `${root}/lock`).acquire();
    const [node = ""] = await stale.ephemerals(root);
    await observer.delete(node);
    await using second = await waiting;
    await second.transaction().set(`${root}/state`, "by the second", { version: 0 }).commit();
    first.assertHeld();
    expect(first.signal.aborted).toBe(false);

    const error = await failureOf(first.transaction().set(`${root}/state`, "by the first").commit());
    expect(error).toBeInstanceOf(LeaseLostError);
    expect(error).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    expect(error.cause).toBeInstanceOf(NoNodeError);
    await client.sync(root);
    expect(text((await client.get(`${root}/state`)).data)).toBe("by the second");
    expect(second.fencingToken).toBeGreaterThan(first.fencingToken);
    expect(first.signal.aborted).toBe(true);
    expect(() => first.assertHeld()).toThrow(LeaseLostError);
    await first.release();
  });

  test("is refused after release", async () => {
    const lease = await new Mutex(client, `${root}/lock`).acquire();
    const write = lease.transaction().create(`${root}/late`);
    await lease.release();
    expect(await failureOf(write.commit())).toMatchObject({ code: "LEASE_LOST", reason: "released" });
    expect(await client.exists(`${root}/late`)).toBeUndefined();
  });
});
