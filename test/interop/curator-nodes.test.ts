import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  test("PersistentNode: comes back when it is deleted and when its session is lost, and goes when it is closed", async () => {
    const { a } = curator;
    const path = `${await ownPath(server.client)}/alive`;
    const owner = (): Promise<string | undefined> => server.look.owner(path);

    expect(await a.call("persistent.start", path, "one")).toBe(true);
    const session = await a.call("session");
    expect(await owner()).toBe(session);
    expect(await server.look.text(path)).toBe("one");

    await server.client.delete(path);
    await eventually(async () => (await owner()) === session);

    await a.call("persistent.set", path, "two");
    await eventually(async () => (await server.look.text(path)) === "two");

    await a.call("session.kill");
    await eventually(async () => {
      const now = await owner();
      return now !== undefined && now !== session;
    });
    expect(await server.look.text(path)).toBe("two");

    await a.call("persistent.close", path);
    await eventually(async () => (await owner()) === undefined);
  });

  test("GroupMember: members see one another", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/group`;

    await a.call("group.join", path, "first", "1");
    await b.call("group.join", path, "second", "2");
    for (const member of [a, b])
      await eventually(async () =>
        expect(await member.call("group.members", path)).toEqual({ first: "1", second: "2" }),
      );
    await b.call("group.leave", path);
    await eventually(async () => expect(await a.call("group.members", path)).toEqual({ first: "1" }));
    expect(await server.look.children(path)).toEqual(["first"]);
    await a.call("group.leave", path);
  });

  test("CuratorCache: a subtree by one persistent recursive watch, each change once and in order", async () => {
    const { a } = curator;
    const { client } = server;
    const path = await ownPath(client);
    await client.create(`${path}/old`, "old");

    expect(await a.call("cache.start", path)).toBe(true);
    expect(await a.call("cache.contents", path)).toEqual({ [path]: "", [`${path}/old`]: "old" });
    const seen = ((await a.call("cache.events", path)) as string[]).length;

    const changes: [string, () => Promise<unknown>][] = [
      [`NODE_CREATED ${path}/new`, () => client.create(`${path}/new`, "1")],
      [`NODE_CREATED ${path}/new/deep`, () => client.create(`${path}/new/deep`, "2")],
      [`NODE_CHANGED ${path}/new/deep`, () => client.set(`${path}/new/deep`, "3")],
      [`NODE_DELETED ${path}/old`, () => client.delete(`${path}/old`)],
      [`NODE_DELETED ${path}/new/deep`, () => client.delete(`${path}/new/deep`)],
      [`NODE_CHANGED ${path}`, () => client.set(path, "root")],
    ];
    const expected: string[] = [];
    for (const [event, change] of changes) {
      await change();
      expected.push(event);
      // The cache reads a changed znode before it tells of it: one change at a time keeps them apart.
      await eventually(async () =>
        expect(((await a.call("cache.events", path)) as string[]).slice(seen)).toEqual(expected),
      );
    }
    expect(await a.call("cache.contents", path)).toEqual({ [path]: "root", [`${path}/new`]: "1" });

    await a.call("session.kill");
    await client.create(`${path}/meanwhile`, "4");
    await eventually(async () =>
      expect(await a.call("cache.contents", path)).toEqual({
        [path]: "root",
        [`${path}/new`]: "1",
        [`${path}/meanwhile`]: "4",
      }),
    );
    await a.call("cache.close", path);
  });

  test("a cut connection: the session goes on, its znodes stay, and the cache has what it missed", async () => {
    const { a } = curator;
    const path = await ownPath(server.client);
    await server.client.create(`${path}/old`, "old");
    await a.call("persistent.start", `${path}/mine`, "alive");
    await a.call("cache.start", path);
    const session = await a.call("session");
    const made = (await server.look.stat(`${path}/mine`))?.czxid;

    await server.whileCutOff(async () => {
      await server.client.delete(`${path}/old`);
      await server.client.create(`${path}/new`, "1");
    });
    await eventually(async () =>
      expect(await a.call("cache.contents", path)).toEqual({
        [path]: "",
        [`${path}/mine`]: "alive",
        [`${path}/new`]: "1",
      }),
    );
    // The watch itself goes on too.
    await server.client.set(`${path}/new`, "2");
    await eventually(async () => expect(await a.call("cache.contents", path)).toMatchObject({ [`${path}/new`]: "2" }));
    expect(await a.call("session")).toBe(session);
    expect((await server.look.stat(`${path}/mine`))?.czxid).toBe(made);
    await a.call("cache.close", path);
    await a.call("persistent.close", `${path}/mine`);
  });

  test("transactions: all or nothing, with an outcome for every step", async () => {
    const { a } = curator;
    const path = await ownPath(server.client);

    expect(
      await a.call(
        "transaction",
        `create ${path}/x one`,
        `check ${path}/x 0`,
        `set ${path}/x two`,
        `create ${path}/y y`,
      ),
    ).toEqual([`CREATE ${path}/x`, `CHECK ${path}/x`, `SET_DATA ${path}/x`, `CREATE ${path}/y`]);
    expect(await server.look.text(`${path}/x`)).toBe("two");

    expect(await a.call("transaction", `delete ${path}/y`, `check ${path}/x 7`, `create ${path}/z z`)).toEqual([
      "OK",
      "BADVERSION",
      "RUNTIMEINCONSISTENCY",
    ]);
    expect(await server.look.children(path)).toEqual(["x", "y"]);
  });
});
