import {
  AuthFailedError,
  type Client,
  ConnectError,
  connect,
  creatorAcl,
  digestAcl,
  NoAuthError,
  Permission,
  readAcl,
} from "@quorate/core";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf, shown } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";
import { proxyTo } from "../support/wire.ts";

const { connectString, members } = inject("zookeeper");

const ann = { scheme: "digest", username: "ann", password: "top-secret-ann" } as const;
const bob = { scheme: "digest", username: "bob", password: "top-secret-bob" } as const;

let observer: Client;
let root: string;

beforeAll(async () => {
  observer = await connect(connectString);
});

afterAll(async () => {
  await observer?.close();
});

beforeEach(async () => {
  root = await ownPath(observer);
});

const identities = async (client: Client): Promise<readonly string[]> =>
  (await client.whoAmI()).filter(({ authScheme }) => authScheme !== "ip").map(({ user }) => user);

describe("digest", () => {
  test("at connect: the server knows the user, and what the user creates for itself is closed to others", async () => {
    await using client = await connect(connectString, { auth: ann });
    expect(await identities(client)).toEqual(["ann"]);
    await client.create(`${root}/own`, "mine", { acl: creatorAcl });
    expect((await client.getAcl(`${root}/own`)).acl).toEqual([digestAcl("ann", "top-secret-ann")]);
    await observer.sync(root);
    const error = await failureOf(observer.get(`${root}/own`));
    expect(error).toBeInstanceOf(NoAuthError);
    await using same = await connect(connectString, { auth: ann });
    await same.sync(root);
    expect(await same.get(`${root}/own`)).toMatchObject({ stat: { dataLength: 4 } });
    await using wrong = await connect(connectString, { auth: { ...ann, password: "guessed" } });
    await wrong.sync(root);
    expect(await failureOf(wrong.get(`${root}/own`))).toBeInstanceOf(NoAuthError);
  });

  test("several at connect, and more added later", async () => {
    await using client = await connect(connectString, { auth: [ann, bob] });
    expect(await identities(client)).toEqual(["ann", "bob"]);
    await client.addAuth({ scheme: "digest", credential: "cat:top-secret-cat" });
    expect(await identities(client)).toEqual(["ann", "bob", "cat"]);
  });

  test("added later: opens what was closed", async () => {
    await observer.create(`${root}/of-bob`, "b", { acl: [digestAcl("bob", "top-secret-bob")] });
    await using client = await connect(connectString);
    await client.sync(root);
    expect(await failureOf(client.get(`${root}/of-bob`))).toBeInstanceOf(NoAuthError);
    await client.addAuth(bob);
    expect((await client.get(`${root}/of-bob`)).stat.dataLength).toBe(1);
  });

  test("a client's default ACL is what its znodes get", async () => {
    await using client = await connect(connectString, { auth: ann, acl: creatorAcl });
    const { path } = await client.create(`${root}/a/b`, null, { parents: true });
    for (const at of [path, `${root}/a`]) {
      expect((await client.getAcl(at)).acl).toEqual([digestAcl("ann", "top-secret-ann")]);
    }
  });

  test("every permission is enforced on its own", async () => {
    await using client = await connect(connectString, { auth: ann });
    const only = async (perms: number): Promise<string> => {
      const path = `${root}/only-${perms}`;
      await observer.create(path, "x", {
        acl: [digestAcl("ann", "top-secret-ann", perms), { perms: 31, id: { scheme: "ip", id: "192.0.2.1" } }],
      });
      await client.sync(path);
      return path;
    };
    const uses: Readonly<Record<number, (path: string) => Promise<unknown>>> = {
      [Permission.read]: (path) => client.get(path),
      [Permission.write]: (path) => client.set(path, "y"),
      [Permission.create]: (path) => client.create(`${path}/child`),
      [Permission.delete]: (path) => client.delete(`${path}/child`),
      [Permission.admin]: (path) => client.setAcl(path, readAcl),
    };
    for (const [granted] of Object.entries(uses)) {
      const path = await only(Number(granted));
      for (const [needed, use] of Object.entries(uses)) {
        if (needed === granted) continue;
        expect(await failureOf(use(path)), `${granted} for ${needed}`).toBeInstanceOf(NoAuthError);
      }
      const used = (uses[Number(granted)] as (path: string) => Promise<unknown>)(path);
      if (Number(granted) === Permission.delete) expect((await failureOf(used)).code).toBe("NO_NODE");
      else await used;
    }
  });

  test("credentials are presented again at every reconnect, those added later too", async () => {
    await using proxy = await proxyTo(members[0]);
    await using client = await connect(proxy.connectString, { auth: ann });
    await client.addAuth(bob);
    await client.create(`${root}/own`, "1", { acl: creatorAcl });
    const { id } = client.session;
    for (let round = 1; round <= 3; round++) {
      const { connections } = proxy.stats();
      expect(proxy.cut()).toBe(1);
      expect(await identities(client)).toEqual(["ann", "bob"]);
      expect(proxy.stats().connections).toBeGreaterThan(connections);
      expect((await client.set(`${root}/own`, String(round))).version).toBe(round);
    }
    expect(client.session.id).toBe(id);
  });

  test("one added while no server can be reached is presented when one is", async () => {
    await using proxy = await proxyTo(members[0]);
    await using client = await connect(proxy.connectString);
    proxy.mode = "refuse";
    proxy.cut();
    await eventually(() => client.state === "suspended");
    const added = client.addAuth(ann);
    proxy.mode = "pass";
    await added;
    expect(await identities(client)).toEqual(["ann"]);
  });

  test("credentials are presented in the next session as well", async () => {
    await using proxy = await proxyTo(members[0]);
    await using client = await connect(proxy.connectString, { auth: ann, sessionTimeoutMs: 1000 });
    await client.addAuth(bob);
    const first = client.session;
    proxy.mode = "refuse";
    proxy.cut();
    await eventually(() => first.signal.aborted);
    proxy.mode = "pass";
    expect((await client.whenConnected()).id).not.toBe(first.id);
    expect(await identities(client)).toEqual(["ann", "bob"]);
  });
});

describe("a scheme the servers do not know", () => {
  const unknown = { scheme: "nonsense", credential: "top-secret" };

  test("at connect: ConnectError, at once and with the reason", async () => {
    const error = await failureOf(connect(connectString, { auth: unknown }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.cause).toBeInstanceOf(AuthFailedError);
    expect(error.message).toContain("authentication failed");
    expect(shown(error)).not.toContain("top-secret");
  });

  test("added later: AuthFailedError, and the client ends with it", async () => {
    await using client = await connect(connectString);
    const path = await ownPath(client);
    const error = await failureOf(client.addAuth(unknown));
    expect(error).toBeInstanceOf(AuthFailedError);
    expect(await client.closed).toBeInstanceOf(AuthFailedError);
    expect(await failureOf(client.get(path))).toBeInstanceOf(AuthFailedError);
    expect(shown(error)).not.toContain("top-secret");
  });
});
