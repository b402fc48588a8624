import { randomUUID } from "node:crypto";
import { type Client, connect, NoNodeError } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { bytes } from "../support/bytes.ts";
import { failureOf } from "../support/failures.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";

const { connectString } = inject("zookeeper");

/** Without a chroot: sees where things really are. */
let observer: Client;
let chroot: string;
let client: Client;

beforeAll(async () => {
  observer = await connect(connectString, observing);
});

afterAll(async () => {
  await observer?.close();
});

/** Makes the observer see what others wrote. */
async function there(path: string): Promise<boolean> {
  await observer.sync(path);
  return (await observer.exists(path)) !== undefined;
}

describe("a chroot that exists", () => {
  beforeEach(async () => {
    chroot = `${await ownPath(observer)}/app`;
    await observer.create(chroot, "of the chroot");
    client = await connect(`${connectString}${chroot}`);
    return () => client.close();
  });

  test("every operation works below it, and tells paths as the caller writes them", async () => {
    expect((await client.create("/a", "1")).path).toBe("/a");
    expect(await there(`${chroot}/a`)).toBe(true);
    expect((await client.get("/a")).data).toEqual(bytes("1"));
    expect((await client.set("/a", "2")).version).toBe(1);
    expect(await client.exists("/a")).toBeDefined();
    expect((await client.create("/a/b/c", null, { parents: true })).path).toBe("/a/b/c");
    expect(await client.children("/a")).toEqual(["b"]);
    expect(await client.countDescendants("/a")).toBe(2);
    expect((await client.getAcl("/a")).acl).toHaveLength(1);
    await client.setAcl("/a", [{ perms: 31, id: { scheme: "world", id: "anyone" } }]);
    await client.sync("/a");
    expect(await observer.children(`${chroot}/a/b`)).toEqual(["c"]);
    await client.delete("/a", { recursive: true });
    expect(await there(`${chroot}/a`)).toBe(false);
    expect(await there(chroot)).toBe(true);
  });

  test("the root is the chroot itself", async () => {
    expect((await client.get("/")).data).toEqual(bytes("of the chroot"));
    await client.create("/one");
    await client.create("/two");
    expect((await client.children("/")).sort()).toEqual(["one", "two"]);
    expect(await client.countDescendants("/")).toBe(2);
    await client.set("/", "changed");
    await observer.sync(chroot);
    expect((await observer.get(chroot)).data).toEqual(bytes("changed"));
  });

  test("a path that repeats the chroot is one below it", async () => {
    const { path } = await client.create(`${chroot}/inner`, null, { parents: true });
    expect(path).toBe(`${chroot}/inner`);
    expect(await there(`${chroot}${chroot}/inner`)).toBe(true);
    const error = await failureOf(client.get(`${chroot}/none`));
    expect(error.path).toBe(`${chroot}/none`);
  });

  test("sequential and protected names", async () => {
    const first = await client.create("/n-", null, { mode: "persistent-sequential" });
    const bare = await client.create("/", null, { mode: "persistent-sequential" });
    const [together] = await client.transaction().create("/", null, { mode: "persistent-sequential" }).commit();
    const kept = await client.create("/n-", null, { mode: "ephemeral-sequential", protected: true });
    expect([first.path, bare.path, together?.path]).toEqual(["/n-0000000000", "/0000000001", "/0000000002"]);
    expect(kept.path).toMatch(/^\/_c_[0-9a-f-]{36}-n-0000000003$/);
    expect((await observer.sync(chroot).then(() => observer.children(chroot))).sort()).toEqual(
      [first, bare, { path: "/0000000002" }, kept].map(({ path }) => path.slice(1)).sort(),
    );
  });

  test("ephemerals: those below it, without it", async () => {
    await client.create("/dir");
    await client.create("/mine", null, { mode: "ephemeral" });
    await client.create("/dir/mine", null, { mode: "ephemeral" });
    expect((await client.ephemerals()).sort()).toEqual(["/dir/mine", "/mine"]);
    expect(await client.session.ephemerals("/dir")).toEqual(["/dir/mine"]);
  });

  test("transactions: results and the failing operation", async () => {
    const results = await client
      .transaction()
      .create("/a", "1")
      .create("/a/n-", null, { mode: "persistent-sequential" })
      .create("/box", null, { mode: "container" })
      .set("/a", "2")
      .check("/a", 1)
      .delete("/box")
      .commit();
    expect(results.map(({ op, path }) => `${op} ${path}`)).toEqual([
      "create /a",
      "create /a/n-0000000000",
      "create /box",
      "set /a",
      "check /a",
      "delete /box",
    ]);
    expect(await there(`${chroot}/a/n-0000000000`)).toBe(true);
    const error = await failureOf(client.transaction().set("/a", "3").delete("/none").commit());
    expect(error).toBeInstanceOf(NoNodeError);
    expect(error).toMatchObject({ index: 1, path: "/none" });
    expect(error.message).not.toContain(chroot);
  });

  test("watches tell paths below it", async () => {
    await using watch = client.watch("/", { mode: "recursive" });
    await watch.ready;
    await observer.create(`${chroot}/seen`);
    await observer.create(`${chroot}/seen/too`);
    const paths: string[] = [];
    for await (const event of watch) {
      if (event.type === "created") paths.push(event.path);
      if (paths.length === 2) break;
    }
    expect(paths).toEqual(["/seen", "/seen/too"]);
  });

  test("a lock in it is the one another client knows by the whole path", async () => {
    const lease = await new Mutex(client, "/lock").acquire();
    expect(await new Mutex(observer, `${chroot}/lock`).tryAcquire()).toBeUndefined();
    await lease.release();
    await using other = await new Mutex(observer, `${chroot}/lock`).acquire();
    expect(other.fencingToken).toBeGreaterThan(lease.fencingToken);
  });

  test("the ensemble's configuration and whoAmI are outside of it", async () => {
    expect((await client.ensembleConfig()).text).toContain("server.1=");
    expect(await client.whoAmI()).toEqual(await observer.whoAmI());
  });
});

describe("a chroot that is missing", () => {
  beforeEach(async () => {
    chroot = `/missing-${randomUUID()}/inner`;
    client = await connect(`${connectString}${chroot}`);
    return () => client.close();
  });

  test("connecting works; reads and plain creates say NO_NODE, of the caller's path", async () => {
    expect(await client.exists("/")).toBeUndefined();
    expect(await client.exists("/a")).toBeUndefined();
    for (const [path, call] of [
      ["/a", client.create("/a")],
      ["/a", client.get("/a")],
      ["/", client.children("/")],
      ["/a", client.create("/a", null, { mode: "ephemeral" })],
    ] as const) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(NoNodeError);
      expect(error.path).toBe(path);
    }
    expect(await there(chroot)).toBe(false);
  });

  test("parents: true creates the chroot too", async () => {
    expect((await client.create("/a/b", "1", { parents: true })).path).toBe("/a/b");
    expect(await there(`${chroot}/a/b`)).toBe(true);
    expect(await client.children("/")).toEqual(["a"]);
  });

  test("parents: true creates the chroot for a znode right below it", async () => {
    expect((await client.create("/a", "1", { parents: true })).path).toBe("/a");
    expect(await there(`${chroot}/a`)).toBe(true);
  });

  test("parents: true creates the chroot for a sequential znode named by its number alone", async () => {
    expect((await client.create("/", "1", { mode: "persistent-sequential", parents: true })).path).toBe("/0000000000");
    expect(await there(`${chroot}/0000000000`)).toBe(true);
  });

  test("a client can create its chroot by creating the root", async () => {
    expect((await client.create("/", "root", { parents: true })).path).toBe("/");
    await observer.sync(chroot);
    expect((await observer.get(chroot)).data).toEqual(bytes("root"));
  });

  test("a lock creates it", async () => {
    await using lease = await new Mutex(client, "/locks/one").acquire();
    lease.assertHeld();
    expect(await there(`${chroot}/locks/one`)).toBe(true);
  });
});

test("a chroot of / is none", async () => {
  await using plain = await connect(`${connectString}/`);
  const path = await ownPath(plain);
  expect(await there(path)).toBe(true);
});
