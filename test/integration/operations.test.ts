import { type Client, connect, digestAcl, NodeExistsError, Permission, type Session } from "@quorate/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { bytes, text } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";
import { ask, proxyTo, traffic } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");

let client: Client;
/** Looks at what the servers have, by another session. */
let observer: Client;

beforeAll(async () => {
  client = await connect(connectString, { retry: false });
  observer = await connect(connectString, { retry: false });
});

afterAll(async () => {
  await client?.close();
  await observer?.close();
});

/** The observer's view, of a server that has caught up. */
async function seen(path: string): ReturnType<Client["get"]> {
  await observer.sync(path);
  return await observer.get(path);
}

describe.each([
  ["a client", (): Client | Session => client],
  ["a session", (): Client | Session => client.session],
])("through %s", (_name, through) => {
  let zk: Client | Session;
  let root: string;

  beforeAll(async () => {
    zk = through();
    root = await ownPath(client);
  });

  describe("create", () => {
    test("persistent: outlives its session, with the path and stat of the znode", async () => {
      await using other = await connect(connectString);
      const creator = zk === client ? other : other.session;
      const { path, stat } = await creator.create(`${root}/persistent`, "data");
      expect(path).toBe(`${root}/persistent`);
      const now = BigInt(Math.floor(performance.timeOrigin + performance.now()));
      expect(stat).toMatchObject({ version: 0, cversion: 0, aversion: 0, dataLength: 4, numChildren: 0 });
      expect(stat.ephemeralOwner).toBe(0n);
      expect(stat.czxid).toBeGreaterThan(0n);
      expect([stat.mzxid, stat.pzxid]).toEqual([stat.czxid, stat.czxid]);
      expect(stat.mtime).toBe(stat.ctime);
      expect(Math.abs(Number(stat.ctime - now))).toBeLessThan(60_000);
      await other.close();
      expect(await seen(path)).toEqual({ data: bytes("data"), stat });
    });

    test("ephemeral: owned by the session, gone with it", async () => {
      await using other = await connect(connectString);
      const creator = zk === client ? other : other.session;
      const { path, stat } = await creator.create(`${root}/ephemeral`, null, { mode: "ephemeral" });
      expect(stat.ephemeralOwner).toBe(other.session.id);
      expect((await seen(path)).stat).toEqual(stat);
      const dump = await ask(members[0] ?? "", "dump");
      expect(dump).toContain(`0x${other.session.id.toString(16)}`);
      await other.close();
      await observer.sync(path);
      expect(await observer.exists(path)).toBeUndefined();
    });

    test.each(["persistent-sequential", "ephemeral-sequential"] as const)(
      "%s: the server appends ten digits that grow, also to a path that ends with a slash",
      async (mode) => {
        const parent = `${root}/${mode}`;
        await zk.create(parent);
        const first = await zk.create(`${parent}/n-`, "1", { mode });
        const second = await zk.create(`${parent}/n-`, "2", { mode });
        const bare = await zk.create(`${parent}/`, "3", { mode });
        expect([first.path, second.path, bare.path]).toEqual([
          `${parent}/n-0000000000`,
          `${parent}/n-0000000001`,
          `${parent}/0000000002`,
        ]);
        const owner = mode === "ephemeral-sequential" ? client.session.id : 0n;
        expect((await seen(second.path)).data).toEqual(bytes("2"));
        expect((await seen(bare.path)).stat.ephemeralOwner).toBe(owner);
      },
    );

    test("container: owned by no session", async () => {
      const { path, stat } = await zk.create(`${root}/container`, "c", { mode: "container" });
      expect(stat.ephemeralOwner).toBe(0n);
      expect(await seen(path)).toEqual({ data: bytes("c"), stat });
    });

    test("parents: true creates what is missing, persistent and empty, and leaves what is there", async () => {
      await zk.create(`${root}/there`, "kept");
      await zk.create(`${root}/there/a/b/leaf`, "leaf", { parents: true });
      expect((await seen(`${root}/there`)).data).toEqual(bytes("kept"));
      for (const path of [`${root}/there/a`, `${root}/there/a/b`]) {
        expect(await seen(path)).toMatchObject({ data: null, stat: { ephemeralOwner: 0n, numChildren: 1 } });
      }
      expect((await seen(`${root}/there/a/b/leaf`)).data).toEqual(bytes("leaf"));
      expect(await failureOf(zk.create(`${root}/there/a/b/leaf`, "again", { parents: true }))).toBeInstanceOf(
        NodeExistsError,
      );
    });

    test('parents: "container" makes them by the one request that makes containers', async () => {
      await using proxy = await proxyTo(members[0]);
      await using other = await connect(proxy.connectString);
      const creator = zk === client ? other : other.session;
      const options = { mode: "ephemeral-sequential", parents: "container" } as const;
      const { requests } = await traffic(proxy, async () => {
        expect((await creator.create(`${root}/line/of/n-`, null, options)).path).toBe(`${root}/line/of/n-0000000000`);
      });
      // Once in vain, then all ancestors, of which the root of the test is there already, then again.
      expect(requests).toEqual({ create2: 2, createContainer: 3 });
      expect(await observer.children(`${root}/line/of`)).toEqual(["n-0000000000"]);
    });

    test("many at once below the same missing parents: all succeed", async () => {
      const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
      await Promise.all(names.map((name) => zk.create(`${root}/shared/branch/${name}`, name, { parents: true })));
      expect((await observer.children(`${root}/shared/branch`)).sort()).toEqual(names.sort());
    });

    test("protected: Curator's prefix before the name", async () => {
      const { path } = await zk.create(`${root}/task-`, "t", { mode: "persistent-sequential", protected: true });
      const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
      expect(path).toMatch(new RegExp(`^${root}/_c_${uuid}-task-\\d{10}$`));
      expect((await seen(path)).data).toEqual(bytes("t"));
    });

    test("acl: as asked for, else open", async () => {
      await zk.create(`${root}/guarded`, null, { acl: [digestAcl("jo", "pw", Permission.read)] });
      await zk.create(`${root}/open`);
      expect((await observer.getAcl(`${root}/open`)).acl).toEqual([
        { perms: 31, id: { scheme: "world", id: "anyone" } },
      ]);
      expect((await failureOf(observer.get(`${root}/guarded`))).code).toBe("NO_AUTH");
      await using jo = await connect(connectString, { auth: { scheme: "digest", username: "jo", password: "pw" } });
      await jo.sync(root);
      expect((await jo.get(`${root}/guarded`)).data).toBeNull();
    });
  });

  describe("data", () => {
    test("null and empty are two things", async () => {
      await zk.create(`${root}/null`, null);
      await zk.create(`${root}/none`);
      await zk.create(`${root}/empty`, "");
      await zk.create(`${root}/empty-bytes`, new Uint8Array(0));
      expect((await seen(`${root}/null`)).data).toBeNull();
      expect((await seen(`${root}/none`)).data).toBeNull();
      expect((await seen(`${root}/empty`)).data).toEqual(bytes(""));
      expect((await seen(`${root}/empty-bytes`)).data).toEqual(bytes(""));
      await zk.set(`${root}/empty`, null);
      await zk.set(`${root}/null`, "");
      expect((await seen(`${root}/empty`)).data).toBeNull();
      expect((await seen(`${root}/null`)).data).toEqual(bytes(""));
    });

    test("every byte value, and text as UTF-8", async () => {
      const every = Uint8Array.from({ length: 256 }, (_, index) => index);
      await zk.create(`${root}/bytes`, every);
      await zk.create(`${root}/text`, "schöne Grüße, 世界 🦓");
      expect((await seen(`${root}/bytes`)).data).toEqual(every);
      expect(text((await seen(`${root}/text`)).data)).toBe("schöne Grüße, 世界 🦓");
    });

    test("a view into a larger buffer is sent as just that", async () => {
      await zk.create(`${root}/view`, bytes("0123456789").subarray(3, 6));
      expect((await seen(`${root}/view`)).data).toEqual(bytes("345"));
    });

    test("what get returns is the caller's: changing it does not change the next reply", async () => {
      await zk.create(`${root}/own`, "mine");
      const { data } = await zk.get(`${root}/own`);
      data?.fill(0);
      expect((await zk.get(`${root}/own`)).data).toEqual(bytes("mine"));
    });
  });

  test("names in any script, with spaces and punctuation, come back as given", async () => {
    const names = ["schön", "名前", "Ω-ω", "a b", "a.b", "...", "percent%20", 'quote"', "back\\slash", "日本語\u3042"];
    const parent = (await zk.create(`${root}/names`)).path;
    for (const name of names) {
      const { path } = await zk.create(`${parent}/${name}`, name, { mode: "ephemeral" });
      expect(path).toBe(`${parent}/${name}`);
      expect(text((await seen(path)).data)).toBe(name);
    }
    expect((await observer.children(parent)).sort()).toEqual([...names].sort());
    const owned = await zk.ephemerals(parent);
    expect(owned.sort()).toEqual(names.map((name) => `${parent}/${name}`).sort());
  });

  describe("set", () => {
    test("counts versions up and returns the new stat", async () => {
      const created = await zk.create(`${root}/set`, "0");
      const first = await zk.set(`${root}/set`, "one");
      const second = await zk.set(`${root}/set`, "two!", { version: 1 });
      expect([first.version, second.version]).toEqual([1, 2]);
      expect(second.mzxid).toBeGreaterThan(first.mzxid);
      expect(second.czxid).toBe(created.stat.czxid);
      expect(second.dataLength).toBe(4);
      expect(second.mtime).toBeGreaterThanOrEqual(second.ctime);
      expect(await seen(`${root}/set`)).toEqual({ data: bytes("two!"), stat: second });
    });

    test("with another version than the znode's: BAD_VERSION, nothing changed", async () => {
      await zk.create(`${root}/cas`, "kept");
      for (const version of [1, 7, 2 ** 31 - 1]) {
        expect((await failureOf(zk.set(`${root}/cas`, "lost", { version }))).code).toBe("BAD_VERSION");
      }
      expect((await zk.set(`${root}/cas`, "set", { version: -1 })).version).toBe(1);
      expect((await seen(`${root}/cas`)).data).toEqual(bytes("set"));
    });
  });

  describe("delete", () => {
    test("removes, with the right version only", async () => {
      await zk.create(`${root}/gone`);
      await zk.set(`${root}/gone`, "v1");
      expect((await failureOf(zk.delete(`${root}/gone`, { version: 0 }))).code).toBe("BAD_VERSION");
      await zk.delete(`${root}/gone`, { version: 1 });
      await observer.sync(root);
      expect(await observer.exists(`${root}/gone`)).toBeUndefined();
    });

    test("recursive: the whole subtree and nothing beside it", async () => {
      const tree = ["a", "a/b", "a/b/c", "a/b/d", "a/e", "ab", "ab/x"];
      await zk.create(`${root}/tree`);
      for (const path of tree) await zk.create(`${root}/tree/${path}`);
      expect((await failureOf(zk.delete(`${root}/tree/a`))).code).toBe("NOT_EMPTY");
      await zk.delete(`${root}/tree/a`, { recursive: true });
      await observer.sync(root);
      expect(await observer.children(`${root}/tree`)).toEqual(["ab"]);
      expect(await observer.children(`${root}/tree/ab`)).toEqual(["x"]);
    });

    test("recursive: hundreds of children, while another adds more", async () => {
      const parent = (await zk.create(`${root}/wide`)).path;
      await Promise.all(Array.from({ length: 300 }, (_, index) => zk.create(`${parent}/n${index}`)));
      const removing = zk.delete(parent, { recursive: true });
      const added = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => observer.create(`${parent}/late${index}`)),
      );
      await removing;
      await observer.sync(root);
      expect(await observer.exists(parent)).toBeUndefined();
      for (const result of added) {
        if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "NO_NODE" });
      }
    });

    test("recursive with a version: the root's, which a wrong one protects", async () => {
      await zk.create(`${root}/versioned`);
      await zk.set(`${root}/versioned`, "1");
      await zk.create(`${root}/versioned/child`);
      const wrong = zk.delete(`${root}/versioned`, { recursive: true, version: 0 });
      expect((await failureOf(wrong)).code).toBe("BAD_VERSION");
      expect(await zk.children(`${root}/versioned`)).toEqual(["child"]);
      await zk.delete(`${root}/versioned`, { recursive: true, version: 1 });
      expect(await zk.exists(`${root}/versioned`)).toBeUndefined();
    });

    test("recursive of what is not there: NO_NODE", async () => {
      const error = await failureOf(zk.delete(`${root}/never`, { recursive: true }));
      expect(error).toMatchObject({ code: "NO_NODE", path: `${root}/never` });
    });
  });

  test("exists: the stat, or undefined", async () => {
    const { stat } = await zk.create(`${root}/exists`, "12345");
    expect(await zk.exists(`${root}/exists`)).toEqual(stat);
    expect(await zk.exists(`${root}/missing`)).toBeUndefined();
    expect(await zk.exists(`${root}/missing/below`)).toBeUndefined();
    expect(await zk.exists("/")).toBeDefined();
  });

  test("children: names only, at one level; the parent's stat counts them", async () => {
    const parent = (await zk.create(`${root}/family`)).path;
    expect(await zk.children(parent)).toEqual([]);
    await zk.create(`${parent}/one`);
    await zk.create(`${parent}/one/grandchild`);
    const last = await zk.create(`${parent}/two`);
    expect((await zk.children(parent)).sort()).toEqual(["one", "two"]);
    const stat = await zk.exists(parent);
    expect(stat).toMatchObject({ numChildren: 2, cversion: 2, version: 0, pzxid: last.stat.czxid });
    await zk.delete(`${parent}/two`);
    expect(await zk.exists(parent)).toMatchObject({ numChildren: 1, cversion: 3 });
    expect(await zk.children("/")).toContain("zookeeper");
  });

  test("getAcl and setAcl: every permission bit, guarded by the ACL's version", async () => {
    const path = (await zk.create(`${root}/acl`)).path;
    expect(await zk.getAcl(path)).toMatchObject({ stat: { aversion: 0 } });
    for (const [index, perms] of [1, 2, 4, 8, 31].entries()) {
      const acl = [
        { perms: perms | Permission.admin | Permission.read, id: { scheme: "world", id: "anyone" } },
        { perms, id: { scheme: "ip", id: "10.0.0.0/8" } },
      ];
      expect((await zk.setAcl(path, acl, { version: index })).aversion).toBe(index + 1);
      const read = await observer.sync(path).then(() => observer.getAcl(path));
      expect(read.acl).toEqual(acl);
      expect(read.stat.aversion).toBe(index + 1);
    }
    const stale = zk.setAcl(path, [{ perms: 31, id: { scheme: "world", id: "anyone" } }], { version: 2 });
    expect((await failureOf(stale)).code).toBe("BAD_VERSION");
    expect(await zk.exists(path)).toMatchObject({ version: 0, aversion: 5 });
  });

  test("sync: what another wrote before is read afterwards, at any member", async () => {
    const path = (await zk.create(`${root}/synced`, "0")).path;
    for (const member of members) {
      await using reader = await connect(member);
      for (let round = 1; round <= 5; round++) {
        const { mzxid } = await zk.set(path, `${member} ${round}`);
        await reader.sync(path);
        expect((await reader.get(path)).stat.mzxid).toBe(mzxid);
      }
    }
    await zk.sync(`${root}/not-there`);
  });

  test("ephemerals: those of this session, below the prefix", async () => {
    const own = (await zk.create(`${root}/owned`)).path;
    await zk.create(`${own}/mine-1`, null, { mode: "ephemeral" });
    await zk.create(`${own}/mine-2`, null, { mode: "ephemeral" });
    await zk.create(`${own}/lasting`);
    await observer.create(`${own}/theirs`, null, { mode: "ephemeral" });
    expect((await zk.ephemerals(own)).sort()).toEqual([`${own}/mine-1`, `${own}/mine-2`]);
    expect(await zk.ephemerals(`${own}/mine-2`)).toEqual([`${own}/mine-2`]);
    expect(await zk.ephemerals()).toEqual(expect.arrayContaining([`${own}/mine-1`]));
    expect(await observer.ephemerals(own)).toEqual([`${own}/theirs`]);
  });

  test("countDescendants: at any depth", async () => {
    const parent = (await zk.create(`${root}/count`)).path;
    expect(await zk.countDescendants(parent)).toBe(0);
    for (const path of ["a", "a/b", "a/b/c", "d"]) await zk.create(`${parent}/${path}`);
    expect(await zk.countDescendants(parent)).toBe(4);
    expect(await zk.countDescendants(`${parent}/a`)).toBe(2);
  });

  test("whoAmI: the address the server sees, without credentials", async () => {
    expect(await zk.whoAmI()).toEqual([{ authScheme: "ip", user: expect.stringMatching(/^[\d.]+$|:/) }]);
  });

  test("bounds: a call within them is like one without", async () => {
    const bounds = { timeoutMs: 30_000, signal: new AbortController().signal };
    const { path } = await zk.create(`${root}/bounded/deep`, "1", { parents: true, ...bounds });
    expect((await zk.get(path, bounds)).data).toEqual(bytes("1"));
    expect((await zk.set(path, "2", bounds)).version).toBe(1);
    expect(await zk.children(`${root}/bounded`, bounds)).toEqual(["deep"]);
    expect(await zk.exists(path, bounds)).toBeDefined();
    await zk.sync(path, bounds);
    await zk.delete(`${root}/bounded`, { recursive: true, ...bounds });
    expect(await zk.exists(`${root}/bounded`)).toBeUndefined();
  });
});

test("ensembleConfig: the three voting members", async () => {
  const { text: config, stat } = await client.ensembleConfig();
  expect(config.match(/^server\.\d+=.*:participant/gm)).toHaveLength(3);
  expect(config).toMatch(/^version=[0-9a-f]+$/m);
  expect(stat.dataLength).toBe(Buffer.byteLength(config));
});

test("requests of one tick are served in order", async () => {
  const root = await ownPath(client);
  const [created, set, read, , missing] = await Promise.all([
    client.create(`${root}/fifo`, "0"),
    client.set(`${root}/fifo`, "1"),
    client.get(`${root}/fifo`),
    client.delete(`${root}/fifo`),
    client.exists(`${root}/fifo`),
  ]);
  expect(read.data).toEqual(bytes("1"));
  expect(read.stat).toEqual(set);
  expect(set.czxid).toBe(created.stat.czxid);
  expect(missing).toBeUndefined();
});

test("a thousand requests in flight are all answered, each with its own answer", async () => {
  const root = await ownPath(client);
  const numbers = Array.from({ length: 1000 }, (_, index) => index);
  await Promise.all(numbers.map((number) => client.create(`${root}/n${number}`, String(number))));
  const read = await Promise.all(numbers.map((number) => client.get(`${root}/n${number}`)));
  expect(read.map(({ data }) => Number(text(data)))).toEqual(numbers);
  await eventually(async () => (await observer.children(root)).length === 1000);
});
