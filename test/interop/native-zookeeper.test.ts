import { once } from "node:events";
import { Permission } from "@quorate/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { requireNpmPeer } from "./support/peers.ts";
import { describePeer } from "./support/servers.ts";

interface NativeStat {
  readonly version: number;
  readonly numChildren: number;
}

interface NativeAcl {
  readonly perms: number;
  readonly scheme: string;
  readonly auth: string;
}

type Watcher = (type: number, state: number, path: string) => void;

/** What is used of the binding's promise API. */
interface NativeClient extends NodeJS.EventEmitter {
  readonly client_id: string;
  init(config: object): void;
  close(): void;
  create(path: string, data: Buffer, flags: number): Promise<string>;
  get(path: string, watch: boolean): Promise<[NativeStat, Buffer]>;
  set(path: string, data: Buffer, version: number): Promise<NativeStat>;
  exists(path: string, watch: boolean): Promise<NativeStat>;
  get_children(path: string, watch: boolean): Promise<string[]>;
  delete_(path: string, version: number): Promise<void>;
  sync(path: string): Promise<unknown>;
  get_acl(path: string): Promise<[readonly NativeAcl[], NativeStat]>;
  set_acl(path: string, version: number, acl: readonly NativeAcl[]): Promise<unknown>;
  add_auth(scheme: string, auth: string, done: (code: number) => void): void;
  w_exists(path: string, watcher: Watcher): Promise<NativeStat>;
  w_get(path: string, watcher: Watcher): Promise<[NativeStat, Buffer]>;
  w_get_children(path: string, watcher: Watcher): Promise<string[]>;
}

interface NativeModule {
  readonly Promise: new (config: object) => NativeClient;
  readonly constants: Readonly<
    Record<
      | "ZOO_EPHEMERAL"
      | "ZOO_PERSISTENT_SEQUENTIAL"
      | `ZOO_${"CREATED" | "DELETED" | "CHANGED" | "CHILD" | "SESSION"}_EVENT`,
      number
    >
  >;
}

describePeer("zookeeper", (server) => {
  // When the first test needs it: the package may be missing, and the tests skipped.
  const library = (): NativeModule => requireNpmPeer("zookeeper") as NativeModule;
  let client: NativeClient;
  let isOpen = false;

  beforeAll(async () => {
    const config = { connect: server.connectString, timeout: 8_000, debug_level: 0, host_order_deterministic: false };
    client = new (library().Promise)(config);
    const connected = once(client, "connect");
    client.init(config);
    await connected;
    isOpen = true;
  });
  afterAll(async () => {
    if (isOpen) await close();
  });

  /** Blocks this thread for 1.5 s: what answers the binding, a proxy at least, runs in it too. */
  async function close(): Promise<void> {
    isOpen = false;
    const closed = once(client, "close");
    client.close();
    await closed;
  }

  test("creates, reads, changes, lists and deletes", async () => {
    const { constants } = library();
    const root = await ownPath(server.client);
    const path = `${root}/node`;

    expect(await client.create(path, Buffer.from("one"), 0)).toBe(path);
    // Of errors its promises tell the code within a text only.
    await expect(client.create(path, Buffer.from("again"), 0)).rejects.toThrow(/^-110 /);
    expect(await server.look.text(path)).toBe("one");
    const [stat, data] = await client.get(path, false);
    expect([stat.version, String(data)]).toEqual([0, "one"]);
    expect(await client.set(path, Buffer.from("two"), 0)).toMatchObject({ version: 1 });
    await expect(client.set(path, Buffer.from("stale"), 0)).rejects.toThrow(/^-103 /);
    expect(await server.look.text(path)).toBe("two");

    const sequential = await client.create(`${path}/n-`, Buffer.from(""), constants.ZOO_PERSISTENT_SEQUENTIAL);
    expect(sequential).toBe(`${path}/n-0000000000`);
    await client.create(`${path}/mine`, Buffer.from(""), constants.ZOO_EPHEMERAL);
    expect(await server.look.owner(`${path}/mine`)).toBe(client.client_id.replace(/^0+/, ""));
    expect(await client.exists(path, false)).toMatchObject({ version: 1, numChildren: 2 });
    expect((await client.get_children(path, false)).sort()).toEqual(["mine", "n-0000000000"]);
    await expect(client.delete_(path, -1)).rejects.toThrow(/^-111 /);
    await client.delete_(`${path}/mine`, -1);
    await expect(client.get(`${path}/mine`, false)).rejects.toThrow(/^-101 /);
    expect(await server.look.children(path)).toEqual(["n-0000000000"]);
  });

  test("watches fire once", async () => {
    const { constants } = library();
    const root = await ownPath(server.client);
    const path = `${root}/node`;
    const events: string[] = [];
    const names = new Map(
      (["CREATED", "DELETED", "CHANGED", "CHILD"] as const).map((name) => [constants[`ZOO_${name}_EVENT`], name]),
    );
    // One function for all: the binding keeps every one for ever.
    const watcher: Watcher = (type, _state, changed) => {
      // It tells every watcher of the connection's coming and going too.
      if (type !== constants.ZOO_SESSION_EVENT) events.push(`${names.get(type)} ${changed}`);
    };
    const seen = (...expected: readonly string[]): Promise<unknown> =>
      eventually(() => expect([...events].sort()).toEqual([...expected].sort()));

    await client.sync(root);
    await expect(client.w_exists(path, watcher)).rejects.toThrow(/^-101 /);
    await client.w_get_children(root, watcher);
    await server.client.create(path, "one");
    await seen(`CREATED ${path}`, `CHILD ${root}`);
    events.length = 0;

    await client.w_get(path, watcher);
    await server.client.set(path, "two");
    await server.client.set(path, "three");
    await client.sync(path);
    await seen(`CHANGED ${path}`);
    await client.w_exists(path, watcher);
    await server.client.delete(path);
    await seen(`CHANGED ${path}`, `DELETED ${path}`);
    events.length = 0;

    // They outlive a cut connection, and tell of what happened meanwhile.
    await expect(client.w_exists(path, watcher)).rejects.toThrow(/^-101 /);
    await client.w_get_children(root, watcher);
    await server.whileCutOff(() => server.client.create(path, "again"));
    await seen(`CREATED ${path}`, `CHILD ${root}`);
  });

  test("ACLs and credentials", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/guarded`;
    await client.create(path, Buffer.from("treasure"), 0);
    const [open] = await client.get_acl(path);
    expect(open).toEqual([{ perms: Permission.all, scheme: "world", auth: "anyone" }]);
    expect(await new Promise((resolve) => client.add_auth("digest", "guard:secret", resolve))).toBe(0);
    await client.set_acl(path, 0, [{ perms: Permission.all, scheme: "auth", auth: "" }]);
    await server.client.sync(path);
    await expect(server.client.get(path)).rejects.toMatchObject({ code: "NO_AUTH" });
    const [, data] = await client.get(path, false);
    expect(String(data)).toBe("treasure");
    const [guarded] = await client.get_acl(path);
    expect(guarded).toEqual([{ perms: Permission.all, scheme: "digest", auth: expect.stringMatching(/^guard:/) }]);
  });

  // The last one: it closes the client of all others.
  test("closing ends the session", async () => {
    const root = await ownPath(server.client);
    await client.create(`${root}/gone`, Buffer.from(""), library().constants.ZOO_EPHEMERAL);
    expect(await server.look.children(root)).toEqual(["gone"]);
    await close();
    await eventually(async () => (await server.look.children(root)).length === 0);
  });
});
