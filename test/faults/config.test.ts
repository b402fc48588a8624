import { ConfigTree, ConfigWatcher } from "@quorate/config";
import { type Client, connect } from "@quorate/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isEmbedded, type Servers, startServers } from "../support/servers.ts";
import { Routes } from "./support/routes.ts";
import { SessionThief } from "./support/session-thief.ts";

let ensemble: Servers;
let routes: Routes;
let thief: SessionThief;
/** Behind faults; the other is not. */
let client: Client;
let observer: Client;
let root: string;
let path: string;
let count = 0;

beforeAll(async () => {
  ensemble = await startServers();
});

beforeEach(async () => {
  routes = await Routes.open(ensemble);
  thief = new SessionThief();
  observer = await connect(ensemble.connectString, { sessionTimeoutMs: 10_000 });
  client = await connect(routes.connectString, { driver: thief.driver, sessionTimeoutMs: 4_000 });
  root = `/config-${count++}`;
  path = `${root}/app`;
  await observer.create(path, '{"n": 0}', { parents: true });
  await client.sync(path);
});

afterEach(async () => {
  await client.close();
  await observer.close();
  await routes.close();
  for (const { id } of ensemble.members) await ensemble.start(id);
  await ensemble.ready();
});

afterAll(async () => {
  await ensemble?.close();
});

interface Settings {
  n: number;
}

function open(history?: number): Promise<ConfigWatcher<Settings>> {
  return ConfigWatcher.open(client, path, { default: { n: -1 } as unknown, history }) as Promise<
    ConfigWatcher<Settings>
  >;
}

/** The connection breaks and cannot be had again until `routes.mode` is `pass`. */
async function cut(until: "suspended" | "lost" = "suspended"): Promise<void> {
  routes.mode = "refuse";
  routes.cut();
  await eventually(() => client.state === until);
}

async function put(n: number): Promise<bigint> {
  return (await observer.set(path, JSON.stringify({ n }))).mzxid;
}

async function stored(): Promise<Settings> {
  await observer.sync(path);
  return JSON.parse(Buffer.from((await observer.get(path)).data ?? []).toString()) as Settings;
}

describe("a watcher", () => {
  test("is stale while away, has the newest when the same session is back, and is told once of what is the same", async () => {
    await using config = await open();
    const { id } = client.session;
    const changes: number[] = [];
    config.on("change", ({ value }) => changes.push(value.n));
    await cut();
    expect([config.stale, config.version.stale, config.value.n]).toEqual([true, false, 0]);
    routes.mode = "pass";
    await eventually(() => !config.stale);
    expect([changes, config.ageMs]).toEqual([[], 0]);
    await cut();
    for (let n = 1; n <= 5; n++) await put(n);
    expect(config.value.n).toBe(0);
    routes.mode = "pass";
    await eventually(() => config.value.n === 5);
    expect([client.session.id, changes]).toEqual([id, [5]]);
  });

  test("goes on in the next session", async () => {
    await using config = await open();
    const { id } = client.session;
    await thief.endSession(id, ensemble.members[0]?.proxy ?? expect.fail("no member"));
    await put(1);
    await eventually(() => config.value.n === 1 && !config.stale);
    expect(client.session.id).not.toBe(id);
    await put(2);
    await eventually(() => config.value.n === 2);
  });

  test.each(["suspended", "lost"] as const)("deleted and created again while %s is another version", async (until) => {
    await using config = await open();
    const before = config.version;
    await cut(until);
    await observer.delete(path);
    const { stat } = await observer.create(path, '{"n": 0}');
    routes.mode = "pass";
    await eventually(() => config.version.mzxid === stat.mzxid);
    expect([config.version.version, config.value]).toEqual([before.version, before.value]);
  });

  test("deleted while away is seen, and the default comes; created again while away is seen", async () => {
    await using config = await open();
    await cut();
    await observer.delete(path);
    routes.mode = "pass";
    await eventually(() => config.value.n === -1 && config.missing);
    await cut();
    await observer.create(path, '{"n": 3}');
    routes.mode = "pass";
    await eventually(() => config.value.n === 3 && !config.missing);
  });

  test("an update asked for while away waits for a server and is made once", async () => {
    await using config = await open();
    await cut();
    const updating = config.update((draft) => void draft.n++, { timeoutMs: 30_000 });
    await put(10);
    routes.mode = "pass";
    expect((await updating).value).toEqual({ n: 11 });
    expect([await stored(), config.value]).toEqual([{ n: 11 }, { n: 11 }]);
  });

  test("an update with history whose answer is lost is made once", async () => {
    await using config = await open(5);
    for (let round = 1; round <= 3; round++) {
      const drop = routes.dropReply({ op: "multi" });
      expect((await config.update((draft) => void draft.n++)).value).toEqual({ n: round });
      await drop.dropped;
    }
    expect([await stored(), (await observer.exists(path))?.version]).toEqual([{ n: 3 }, 3]);
    expect((await config.history()).map(({ value }) => (value as Settings).n)).toEqual([3, 2, 1, 0]);
  });
});

describe("when servers go", () => {
  test.skipIf(isEmbedded)("the leader killed: no update is lost, and the newest arrives", async () => {
    await using config = await open();
    const leader = await eventually(() => ensemble.leader());
    let made = 0;
    let unknown = 0;
    let isOver = false;
    const updating = (async () => {
      while (!isOver) {
        await config
          .update((draft) => void draft.n++, { timeoutMs: 30_000 })
          .then(
            () => made++,
            (error: { readonly outcome?: string }) => {
              if (error.outcome === "unknown") unknown++;
            },
          );
      }
    })();
    await eventually(() => made > 20);
    await ensemble.kill(leader.id);
    const before = made;
    await ensemble.ready();
    await eventually(() => made > before + 20);
    isOver = true;
    await updating;
    const { n } = await stored();
    expect(n).toBeGreaterThanOrEqual(made);
    expect(n).toBeLessThanOrEqual(made + unknown);
    await eventually(() => config.value.n === n);
  });

  test("no server answers: the value stays, stale, and is followed again when they are back", async () => {
    await using config = await open();
    await using tree = (await ConfigTree.open(client, root)) as ConfigTree;
    const down = isEmbedded ? ensemble.members : ensemble.members.slice(0, 2);
    for (const { id } of down) await ensemble.kill(id);
    await eventually(() => config.stale && tree.stale && client.state !== "connected");
    expect([config.value, tree.value]).toEqual([{ n: 0 }, { app: { n: 0 } }]);
    for (const { id } of down) await ensemble.start(id);
    await ensemble.ready();
    await eventually(() => put(7).catch(() => undefined));
    await eventually(() => config.value.n === 7 && !config.stale);
    await eventually(() => (tree.value["app"] as Settings).n === 7 && !tree.stale);
  });
});

describe("a tree", () => {
  test("sees a transaction made while away whole, and equals the server", async () => {
    await observer.transaction().create(`${root}/a`, "0").create(`${root}/b`, "0").commit();
    await client.sync(root);
    await using tree = await ConfigTree.open(client, root);
    const seen: unknown[][] = [];
    tree.on("change", ({ value }) => seen.push([value["a"], value["b"]]));
    for (let round = 1; round <= 6; round++) {
      await cut(round === 3 ? "lost" : "suspended");
      await observer.transaction().set(`${root}/a`, `${round}`).set(`${root}/b`, `${round}`).commit();
      if (round === 4) await observer.delete(path);
      if (round === 5) await observer.create(path, '{"n": 5}');
      routes.mode = "pass";
      // While it comes back there is more.
      await observer.transaction().set(`${root}/b`, `${round}.5`).set(`${root}/a`, `${round}.5`).commit();
      await eventually(() => tree.value["a"] === round + 0.5);
    }
    for (const [a, b] of seen) expect(b).toBe(a);
    expect(tree.value).toEqual({ a: 6.5, b: 6.5, app: { n: 5 } });
  });
});
