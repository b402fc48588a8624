import { type Client, connect, Permission } from "@quorate/core";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { observing } from "../support/observing.ts";
import { oldServerDriver } from "../support/old-server.ts";
import { ownPath } from "../support/own-path.ts";
import { follow } from "../support/watching.ts";
import { ask } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");
const server = members[0] as string;

let client: Client;
let other: Client;
let path: string;

describe.each([
  ["persistent watches", {}],
  ["one-shot watches", { driver: oldServerDriver() }],
] as const)("on a server with %s", (kind, options) => {
  beforeEach(async () => {
    client = await connect(server, options);
    other = await connect(server, observing);
    path = await ownPath(other);
  });

  afterEach(async () => {
    await client.close();
    await other.close();
  });

  /** Waits until every event of what was done before has come: they come in order. */
  async function settled(seen: readonly string[], last: string): Promise<void> {
    await eventually(() => seen.includes(last), { boundMs: 10_000 });
  }

  test("a node watch tells of the znode's own changes", async () => {
    const watch = client.watch(`${path}/a`);
    const seen = follow(watch);
    await watch.ready;
    await other.create(`${path}/a`);
    await settled(seen, `created ${path}/a`);
    await other.create(`${path}/a/child`);
    await other.set(`${path}/a`, "1");
    await settled(seen, `dataChanged ${path}/a`);
    await other.delete(`${path}/a`, { recursive: true });
    await settled(seen, `deleted ${path}/a`);
    await other.create(`${path}/a`);
    await eventually(() => seen.length >= 4);
    expect(seen).toEqual(["created", "dataChanged", "deleted", "created"].map((type) => `${type} ${path}/a`));
  });

  test("a children watch tells of the list of children and of the znode's coming and going", async () => {
    const watch = client.watch(`${path}/a`, { mode: "children" });
    const seen = follow(watch);
    await watch.ready;
    for (const [step, type] of [
      [() => other.create(`${path}/a`), "created"],
      [() => other.create(`${path}/a/b`), "childrenChanged"],
      [() => other.set(`${path}/a`, "1"), undefined],
      [() => other.set(`${path}/a/b`, "1"), undefined],
      [() => other.create(`${path}/a/b/c`), undefined],
      [() => other.delete(`${path}/a/b`, { recursive: true }), "childrenChanged"],
      [() => other.delete(`${path}/a`), "deleted"],
    ] as const) {
      const before = seen.length;
      await step();
      if (type !== undefined) await eventually(() => seen.length > before);
    }
    expect(seen).toEqual(
      ["created", "childrenChanged", "childrenChanged", "deleted"].map((type) => `${type} ${path}/a`),
    );
  });

  test("a recursive watch tells of everything below", async () => {
    await other.create(`${path}/old/leaf`, null, { parents: true });
    const watch = client.watch(path, { mode: "recursive" });
    const seen = follow(watch);
    await watch.ready;
    const steps: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => other.create(`${path}/a`), `created ${path}/a`],
      [() => other.create(`${path}/a/b`), `created ${path}/a/b`],
      [() => other.set(`${path}/a/b`, "1"), `dataChanged ${path}/a/b`],
      [() => other.set(`${path}/old/leaf`, "1"), `dataChanged ${path}/old/leaf`],
      [() => other.set(path, "1"), `dataChanged ${path}`],
      [() => other.delete(`${path}/a/b`), `deleted ${path}/a/b`],
      [() => other.delete(`${path}/a`), `deleted ${path}/a`],
    ];
    for (const [step, event] of steps) {
      await step();
      await settled(seen, event);
    }
    expect(seen).toEqual(steps.map(([, event]) => event));
  });

  test("a recursive watch sees a whole branch come and go, parents around their children", async () => {
    const watch = client.watch(path, { mode: "recursive" });
    const seen = follow(watch);
    await watch.ready;
    await other.transaction().create(`${path}/a`).create(`${path}/a/b`).create(`${path}/a/b/c`).commit();
    await settled(seen, `created ${path}/a/b/c`);
    await other.transaction().delete(`${path}/a/b/c`).delete(`${path}/a/b`).delete(`${path}/a`).commit();
    await settled(seen, `deleted ${path}/a`);
    expect(seen).toEqual([
      `created ${path}/a`,
      `created ${path}/a/b`,
      `created ${path}/a/b/c`,
      `deleted ${path}/a/b/c`,
      `deleted ${path}/a/b`,
      `deleted ${path}/a`,
    ]);
  });

  test("a recursive watch outlives its root", async () => {
    const watch = client.watch(`${path}/a`, { mode: "recursive" });
    const seen = follow(watch);
    await watch.ready;
    for (let round = 1; round <= 2; round++) {
      await other.transaction().create(`${path}/a`).create(`${path}/a/b`).commit();
      await eventually(() => seen.filter((event) => event === `created ${path}/a/b`).length === round);
      await other.delete(`${path}/a`, { recursive: true });
      await eventually(() => seen.filter((event) => event === `deleted ${path}/a`).length === round);
    }
    expect(seen).toHaveLength(8);
  });

  test("watches of all modes on one path, in whatever order they come, each tell their own", async () => {
    const watches = (["children", "node", "recursive", "children"] as const).map((mode) =>
      client.watch(path, { mode }),
    );
    const [early, node, tree, late] = watches.map(follow) as [string[], string[], string[], string[]];
    await Promise.all(watches.map(({ ready }) => ready));
    await other.create(`${path}/a`);
    await eventually(() => [early, late, tree].every((seen) => seen.length === 1));
    await other.set(`${path}/a`, "1");
    await settled(tree, `dataChanged ${path}/a`);
    await other.set(path, "1");
    await settled(node, `dataChanged ${path}`);
    await other.delete(`${path}/a`);
    await settled(tree, `deleted ${path}/a`);
    await eventually(() => [early, late].every((seen) => seen.length === 2));
    expect(node).toEqual([`dataChanged ${path}`]);
    expect(early).toEqual([`childrenChanged ${path}`, `childrenChanged ${path}`]);
    expect(late).toEqual(early);
    expect(tree).toEqual([`created ${path}/a`, `dataChanged ${path}/a`, `dataChanged ${path}`, `deleted ${path}/a`]);
  });

  test("one of two watches on a path ends, the other goes on", async () => {
    const kept = client.watch(path, { mode: "children" });
    const ended = client.watch(path, { mode: "recursive" });
    const seen = follow(kept);
    await Promise.all([kept.ready, ended.ready]);
    await ended.close();
    await other.create(`${path}/a`);
    await other.create(`${path}/b`);
    await eventually(() => seen.length >= 1);
    expect(new Set(seen)).toEqual(new Set([`childrenChanged ${path}`]));
  });

  test("what the same client does after watch() is seen without waiting for it", async () => {
    const watch = client.watch(path, { mode: "recursive" });
    const seen = follow(watch);
    if (kind === "one-shot watches") await watch.ready;
    await client.create(`${path}/mine`);
    await settled(seen, `created ${path}/mine`);
  });

  test("nothing is left at the server when the loop is left", async () => {
    await other.create(`${path}/a/b`, null, { parents: true });
    const watch = client.watch(path, { mode: "recursive" });
    await watch.ready;
    const isWatched = async (): Promise<boolean> => (await ask(server, "wchp")).includes(path);
    expect(await isWatched()).toBe(true);
    void other.set(path, "1");
    for await (const event of watch) {
      expect(event).toMatchObject({ type: "dataChanged", path });
      break;
    }
    await eventually(async () => !(await isWatched()));
  });

  test("paths are those of the application's chroot", async () => {
    await using rooted = await connect(`${server}${path}`, options);
    const watch = rooted.watch("/", { mode: "recursive" });
    const seen = follow(watch);
    await watch.ready;
    await other.create(`${path}/a`);
    await settled(seen, "created /a");
    await other.set(path, "1");
    await settled(seen, "dataChanged /");
  });

  test("the loop finishes with the signal and with the client", async () => {
    const controller = new AbortController();
    const aborted = follow(client.watch(path, { signal: controller.signal }));
    const open = follow(client.watch(path, { mode: "recursive" }));
    controller.abort();
    await settled(aborted, "end");
    await client.close();
    await settled(open, "end");
  });
});

test("a refusal is thrown to the reader, and rejects ready", async () => {
  await using owner = await connect(connectString, {
    driver: oldServerDriver(),
    auth: { scheme: "digest", username: "a", password: "b" },
  });
  await using stranger = await connect(connectString, { driver: oldServerDriver() });
  const secret = `${await ownPath(owner)}/secret`;
  await owner.create(secret, null, { acl: [{ perms: Permission.all, id: { scheme: "auth", id: "" } }] });
  const watch = stranger.watch(secret, { mode: "children" });
  const seen = follow(watch);
  await expect(watch.ready).rejects.toMatchObject({ code: "NO_AUTH" });
  await eventually(() => seen.length > 0);
  expect(seen).toEqual(["NoAuthError"]);
});
