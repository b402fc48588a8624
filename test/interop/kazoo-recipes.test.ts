import { Permission } from "@quorate/core";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startKazoo } from "./support/kazoo.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

const inVainSeconds = 0.1;
const patientlySeconds = 15;

describePeer("kazoo", (server) => {
  const kazoo = usePair(server, startKazoo);

  test("Barrier and DoubleBarrier", async () => {
    const { a, b } = kazoo;
    const root = await ownPath(server.client);
    await a.call("barrier.create", `${root}/barrier`);
    await b.call("sync", root);
    expect(await b.call("barrier.wait", `${root}/barrier`, inVainSeconds)).toBe(false);
    const waiting = b.call("barrier.wait", `${root}/barrier`, patientlySeconds);
    expect(await a.call("barrier.remove", `${root}/barrier`)).toBe(true);
    expect(await waiting).toBe(true);

    const entering = [a, b].map((actor) => actor.call("gate.enter", `${root}/gate`, 2));
    expect(await Promise.all(entering)).toEqual([true, true]);
    expect(await server.look.children(`${root}/gate`)).toContain("ready");
    await Promise.all([a, b].map((actor) => actor.call("gate.leave", `${root}/gate`)));
    expect(await server.look.children(`${root}/gate`)).toEqual([]);
  });

  test("Counter: no addition is lost, in kazoo's layout and in Curator's", async () => {
    const { a, b } = kazoo;
    const root = await ownPath(server.client);
    const additions = Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? a : b).call("counter.add", `${root}/text`, 3),
    );
    const after = ((await Promise.all(additions)) as [number, number][]).map(([, value]) => value);
    expect(after.sort((x, y) => x - y)).toEqual(additions.map((_, index) => 3 * (index + 1)));
    expect(await server.look.text(`${root}/text`)).toBe("30");

    expect(await a.call("counter.add", `${root}/int32`, -2, "curator")).toEqual([0, -2]);
    expect(await server.look.bytes(`${root}/int32`)).toEqual(Buffer.from([0xff, 0xff, 0xff, 0xfe]));
  });

  test("Queue and Party", async () => {
    const { a, b } = kazoo;
    const root = await ownPath(server.client);
    for (const value of ["one", "two"]) await a.call("queue.put", `${root}/queue`, value);
    await b.call("sync", root);
    expect(await b.call("queue.get", `${root}/queue`)).toBe("one");
    expect(await b.call("queue.get", `${root}/queue`)).toBe("two");
    expect(await b.call("queue.get", `${root}/queue`)).toBeNull();

    await a.call("party.join", `${root}/party`, "first");
    await b.call("party.join", `${root}/party`, "second");
    await eventually(async () => expect(await a.call("party.members", `${root}/party`)).toEqual(["first", "second"]));
    await b.call("party.leave", `${root}/party`);
    await eventually(async () => expect(await a.call("party.members", `${root}/party`)).toEqual(["first"]));
    await a.call("party.leave", `${root}/party`);
  });

  test("DataWatch, ChildrenWatch and TreeCache see every state they are given time for", async () => {
    const { a } = kazoo;
    const { client } = server;
    const root = await ownPath(client);
    const sees = (kind: string, expected: readonly unknown[]): Promise<unknown> =>
      eventually(async () => expect(await a.call("watch.seen", kind, `${root}/node`)).toEqual(expected));

    await a.call("sync", root);
    await a.call("watch.data", `${root}/node`);
    await sees("data", [null]);
    await client.create(`${root}/node`, "one");
    await sees("data", [null, "one"]);
    await a.call("watch.children", `${root}/node`);
    await sees("children", [[]]);
    await client.create(`${root}/node/x`);
    await sees("children", [[], ["x"]]);
    await client.create(`${root}/node/y`);
    await sees("children", [[], ["x"], ["x", "y"]]);
    await client.set(`${root}/node`, "two");
    await sees("data", [null, "one", "two"]);

    await a.call("tree.start", root);
    const holds = (path: string, data: string | null): Promise<unknown> =>
      eventually(async () => expect(await a.call("tree.data", root, path)).toBe(data));
    await holds(`${root}/node`, "two");
    await client.set(`${root}/node/y`, "deep");
    await holds(`${root}/node/y`, "deep");
    await client.delete(`${root}/node/y`);
    await holds(`${root}/node/y`, null);
    await a.call("tree.close", root);

    // Watches outlive a cut connection, and the session.
    await server.whileCutOff(() => client.set(`${root}/node`, "three"));
    await sees("data", [null, "one", "two", "three"]);
    await a.call("session.kill");
    await client.set(`${root}/node`, "four");
    await sees("data", [null, "one", "two", "three", "four"]);
  });

  test("transactions: all or nothing, with an outcome for every step", async () => {
    const { a } = kazoo;
    const root = await ownPath(server.client);
    expect(await a.call("transaction", `create ${root}/x one`, `check ${root}/x 0`, `set ${root}/x two`)).toEqual([
      "ok",
      "ok",
      "ok",
    ]);
    expect(await server.look.text(`${root}/x`)).toBe("two");
    expect(await a.call("transaction", `set ${root}/x three`, `check ${root}/x 9`, `delete ${root}/x`)).toEqual([
      "RolledBackError",
      "BadVersionError",
      "RuntimeInconsistency",
    ]);
    expect(await server.look.text(`${root}/x`)).toBe("two");
  });

  test("ACLs: enforced, read and replaced, and opened by a credential", async () => {
    const { a, b } = kazoo;
    const path = `${await ownPath(server.client)}/guarded`;
    await a.call("create_guarded", path, "treasure", "guard", "secret");
    await b.call("sync", path);

    expect(await b.call("get", path)).toEqual(["treasure", 0]);
    expect(await b.call("outcome", "set", path, "mine", -1)).toBe("NoAuthError");
    expect(await b.call("acl", path)).toEqual([
      [
        [Permission.all, "digest", expect.stringMatching(/^guard:/)],
        [Permission.read, "world", "anyone"],
      ],
      0,
    ]);
    expect(await b.call("add_auth", "guard:secret")).toBe(true);
    expect(await b.call("set", path, "mine", 0)).toBe(1);
    expect(await b.call("outcome", "set", path, "stale", 0)).toBe("BadVersionError");
    await b.call("set_acl_open", path);
    await a.call("sync", path);
    expect(await a.call("set", path, "ours", 1)).toBe(2);
    await a.call("delete_all", path);
    expect(await server.look.stat(path)).toBeUndefined();
    expect(await a.call("outcome", "get", path)).toBe("NoNodeError");
  });
});
