import { once } from "node:events";
import { Permission } from "@quorate/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { requireNpmPeer } from "./support/peers.ts";
import { describePeer } from "./support/servers.ts";

type Callback = (error: { readonly name: string } | null, ...results: readonly unknown[]) => void;
type Operation =
  | "create"
  | "mkdirp"
  | "remove"
  | "exists"
  | "getData"
  | "setData"
  | "getChildren"
  | "getACL"
  | "setACL";

/** What is used of the package, which comes without types. Each operation takes its callback last. */
interface PureJsClient extends NodeJS.EventEmitter, Record<Operation, (...args: readonly unknown[]) => void> {
  connect(): void;
  close(): void;
  addAuthInfo(scheme: string, auth: Buffer): void;
  getSessionId(): Buffer;
  transaction(): Transaction;
}

interface Transaction {
  create(path: string, data: Buffer): Transaction;
  setData(path: string, data: Buffer): Transaction;
  check(path: string, version: number): Transaction;
  remove(path: string): Transaction;
  commit(callback: Callback): void;
}

interface PureJsModule {
  createClient(servers: string, options: object): PureJsClient;
  readonly CreateMode: { readonly EPHEMERAL: number; readonly PERSISTENT_SEQUENTIAL: number };
  readonly ACL: { readonly CREATOR_ALL_ACL: readonly unknown[] };
}

interface WatchEvent {
  readonly name: string;
  readonly path: string;
}

describePeer("node-zookeeper-client", (server) => {
  // When the first test needs it: the package may be missing, and the tests skipped.
  const library = (): PureJsModule => requireNpmPeer("node-zookeeper-client") as PureJsModule;
  let client: PureJsClient;

  beforeAll(async () => {
    client = await open();
  });
  afterAll(async () => {
    if (client !== undefined) await close(client);
  });

  async function open(): Promise<PureJsClient> {
    const opened = library().createClient(server.connectString, { sessionTimeout: 8_000 });
    opened.connect();
    await once(opened, "connected");
    return opened;
  }

  async function close(opened: PureJsClient): Promise<void> {
    const closed = once(opened, "disconnected");
    opened.close();
    await closed;
  }

  /** Resolves with the callback's first result, rejects with its error. */
  function settled(start: (callback: Callback) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      start((error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  function run(operation: Operation, ...args: readonly unknown[]): Promise<unknown> {
    return settled((callback) => client[operation](...args, callback));
  }

  test("creates, reads, changes, lists and deletes", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/node`;

    expect(await run("create", path, Buffer.from("one"))).toBe(path);
    await expect(run("create", path)).rejects.toMatchObject({ name: "NODE_EXISTS" });
    expect(await server.look.text(path)).toBe("one");
    expect(String(await run("getData", path))).toBe("one");
    expect(await run("setData", path, Buffer.from("two"), 0)).toMatchObject({ version: 1, dataLength: 3 });
    await expect(run("setData", path, Buffer.from("stale"), 0)).rejects.toMatchObject({ name: "BAD_VERSION" });
    expect(await server.look.text(path)).toBe("two");

    expect(await run("create", `${path}/n-`, library().CreateMode.PERSISTENT_SEQUENTIAL)).toBe(`${path}/n-0000000000`);
    expect(await run("create", `${path}/mine`, library().CreateMode.EPHEMERAL)).toBe(`${path}/mine`);
    expect(await server.look.owner(`${path}/mine`)).toBe(client.getSessionId().toString("hex").replace(/^0+/, ""));
    await run("mkdirp", `${path}/a/b/c`);
    expect([...((await run("getChildren", path)) as string[])].sort()).toEqual(["a", "mine", "n-0000000000"]);
    await expect(run("remove", path, -1)).rejects.toMatchObject({ name: "NOT_EMPTY" });
    await run("remove", `${path}/mine`, -1);
    expect(await run("exists", `${path}/mine`)).toBeNull();
    await expect(run("getData", `${path}/mine`)).rejects.toMatchObject({ name: "NO_NODE" });
    expect(await server.look.children(path)).toEqual(["a", "n-0000000000"]);
  });

  test("watches fire once", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/node`;
    const events: string[] = [];
    const watcher = ({ name, path: changed }: WatchEvent): void => {
      events.push(`${name} ${changed}`);
    };
    const seen = (...expected: readonly string[]): Promise<unknown> =>
      eventually(() => expect([...events].sort()).toEqual([...expected].sort()));
    // Its member, which may lag behind ours, has seen everything before a write of its own that it answers.
    const catchUp = (): Promise<unknown> => run("setData", root, Buffer.from(""), -1);

    await catchUp();
    await run("exists", path, watcher);
    await run("getChildren", root, watcher);
    await server.client.create(path, "one");
    await seen(`NODE_CREATED ${path}`, `NODE_CHILDREN_CHANGED ${root}`);
    events.length = 0;

    await run("getData", path, watcher);
    await server.client.set(path, "two");
    await server.client.set(path, "three");
    await catchUp();
    await seen(`NODE_DATA_CHANGED ${path}`);
    await run("exists", path, watcher);
    await server.client.delete(path);
    await seen(`NODE_DATA_CHANGED ${path}`, `NODE_DELETED ${path}`);
    events.length = 0;

    // They outlive a cut connection, and tell of what happened meanwhile.
    await run("exists", path, watcher);
    await run("getChildren", root, watcher);
    await server.whileCutOff(() => server.client.create(path, "again"));
    await seen(`NODE_CREATED ${path}`, `NODE_CHILDREN_CHANGED ${root}`);
  });

  test("transactions: all or nothing", async () => {
    const root = await ownPath(server.client);
    await settled((callback) =>
      client
        .transaction()
        .create(`${root}/x`, Buffer.from("one"))
        .check(`${root}/x`, 0)
        .setData(`${root}/x`, Buffer.from("two"))
        .commit(callback),
    );
    expect(await server.look.text(`${root}/x`)).toBe("two");
    const refused = settled((callback) =>
      client.transaction().remove(`${root}/x`).create(`${root}/no/parent`, Buffer.from("")).commit(callback),
    );
    await expect(refused).rejects.toMatchObject({ name: "NO_NODE" });
    expect(await server.look.children(root)).toEqual(["x"]);
  });

  test("ACLs and credentials", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/guarded`;
    await run("create", path, Buffer.from("treasure"));
    expect(await run("getACL", path)).toMatchObject([
      { permission: Permission.all, id: { scheme: "world", id: "anyone" } },
    ]);
    client.addAuthInfo("digest", Buffer.from("guard:secret"));
    expect(await run("setACL", path, library().ACL.CREATOR_ALL_ACL, 0)).toMatchObject({ aversion: 1 });
    await server.client.sync(path);
    await expect(server.client.get(path)).rejects.toMatchObject({ code: "NO_AUTH" });
    expect(String(await run("getData", path))).toBe("treasure");
    await run("remove", path, 0);
  });

  test("closing ends the session", async () => {
    const root = await ownPath(server.client);
    const other = await open();
    await settled((callback) => other.create(`${root}/gone`, library().CreateMode.EPHEMERAL, callback));
    expect(await server.look.children(root)).toEqual(["gone"]);
    await close(other);
    await eventually(async () => (await server.look.children(root)).length === 0);
  });
});
