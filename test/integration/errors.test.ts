import {
  AuthFailedError,
  BadVersionError,
  type Client,
  connect,
  creatorAcl,
  digestAcl,
  InvalidAclError,
  NoAuthError,
  NoChildrenForEphemeralsError,
  NodeExistsError,
  NoNodeError,
  NotEmptyError,
  openAcl,
  ServerError,
  type Session,
  UnsupportedError,
} from "@quorate/core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { failureOf, shown } from "../support/failures.ts";
import { observing } from "../support/observing.ts";
import { ownPath } from "../support/own-path.ts";

const { connectString } = inject("zookeeper");
const secret = "top-secret-data";
const stranger = digestAcl("stranger", "top-secret-password");

type Zk = Client | Session;

interface Provoked {
  readonly name: string;
  readonly call: (zk: Zk) => Promise<unknown>;
  readonly path: string;
  readonly op: string;
}

const provoked = (op: string, path: string, call: (zk: Zk) => Promise<unknown>, name = op): Provoked => ({
  name,
  call,
  path,
  op,
});

const cases: readonly [code: string, serverCode: number, type: typeof ServerError, provoked: readonly Provoked[]][] = [
  [
    "NO_NODE",
    -101,
    NoNodeError,
    [
      provoked("create", "/missing/child", (zk) => zk.create("/missing/child", secret)),
      provoked("get", "/missing", (zk) => zk.get("/missing")),
      provoked("set", "/missing", (zk) => zk.set("/missing", secret)),
      provoked("delete", "/missing", (zk) => zk.delete("/missing")),
      provoked("delete", "/missing", (zk) => zk.delete("/missing", { recursive: true }), "recursive delete"),
      provoked("children", "/missing", (zk) => zk.children("/missing")),
      provoked("getAcl", "/missing", (zk) => zk.getAcl("/missing")),
      provoked("setAcl", "/missing", (zk) => zk.setAcl("/missing", openAcl)),
      provoked("countDescendants", "/missing", (zk) => zk.countDescendants("/missing")),
    ],
  ],
  [
    "NODE_EXISTS",
    -110,
    NodeExistsError,
    [
      provoked("create", "/there", (zk) => zk.create("/there", secret)),
      provoked("create", "/there", (zk) => zk.create("/there", secret, { mode: "ephemeral" }), "ephemeral create"),
      provoked("create", "/there", (zk) => zk.create("/there", secret, { mode: "container" }), "container create"),
      provoked("create", "/there", (zk) => zk.create("/there", secret, { parents: true }), "create with parents"),
      provoked("create", "/", (zk) => zk.create("/"), "create of the root"),
    ],
  ],
  [
    "BAD_VERSION",
    -103,
    BadVersionError,
    [
      provoked("set", "/there", (zk) => zk.set("/there", secret, { version: 5 })),
      provoked("delete", "/there", (zk) => zk.delete("/there", { version: 5 })),
      provoked("setAcl", "/there", (zk) => zk.setAcl("/there", openAcl, { version: 5 })),
    ],
  ],
  ["NOT_EMPTY", -111, NotEmptyError, [provoked("delete", "/there", (zk) => zk.delete("/there"))]],
  [
    "NO_CHILDREN_FOR_EPHEMERALS",
    -108,
    NoChildrenForEphemeralsError,
    [
      provoked("create", "/ephemeral/a", (zk) => zk.create("/ephemeral/a", secret)),
      provoked("create", "/ephemeral/a", (zk) => zk.create("/ephemeral/a/b", secret, { parents: true }), "parents"),
    ],
  ],
  [
    "NO_AUTH",
    -102,
    NoAuthError,
    [
      provoked("create", "/guarded/child", (zk) => zk.create("/guarded/child", secret)),
      provoked("create", "/guarded/a", (zk) => zk.create("/guarded/a/b", secret, { parents: true }), "parents"),
      provoked("get", "/guarded", (zk) => zk.get("/guarded")),
      provoked("set", "/guarded", (zk) => zk.set("/guarded", secret)),
      provoked("delete", "/guarded/kept", (zk) => zk.delete("/guarded/kept")),
      provoked("children", "/guarded", (zk) => zk.children("/guarded")),
      provoked("getAcl", "/guarded", (zk) => zk.getAcl("/guarded")),
      provoked("setAcl", "/guarded", (zk) => zk.setAcl("/guarded", openAcl)),
      provoked("countDescendants", "/guarded", (zk) => zk.countDescendants("/guarded")),
    ],
  ],
  [
    "INVALID_ACL",
    -114,
    InvalidAclError,
    [
      provoked("create", "/new", (zk) => zk.create("/new", secret, { acl: creatorAcl }), "creator without identity"),
      provoked(
        "create",
        "/new",
        (zk) => zk.create("/new", secret, { acl: [{ perms: 31, id: { scheme: "nonsense", id: "x" } }] }),
        "unknown scheme",
      ),
      provoked(
        "setAcl",
        "/there",
        (zk) => zk.setAcl("/there", [{ perms: 31, id: { scheme: "digest", id: "without-colon" } }]),
        "malformed digest",
      ),
      provoked(
        "setAcl",
        "/there",
        (zk) => zk.setAcl("/there", [{ perms: 31, id: { scheme: "ip", id: "300.1.1.1" } }]),
        "malformed address",
      ),
    ],
  ],
];

describe.each([
  ["a client", "", (client: Client): Zk => client],
  ["a client with a chroot", "/inner/chroot", (client: Client): Zk => client],
  ["a session", "", (client: Client): Zk => client.session],
  ["a session with a chroot", "/inner/chroot", (client: Client): Zk => client.session],
])("through %s", (_name, chroot, through) => {
  let owner: Client;
  let client: Client;

  beforeAll(async () => {
    await using setup = await connect(connectString, observing);
    const root = `${await ownPath(setup)}${chroot}`;
    if (chroot !== "") await setup.create(root, null, { parents: true });
    owner = await connect(`${connectString}${root}`, {
      ...observing,
      auth: { scheme: "digest", username: "stranger", password: "top-secret-password" },
    });
    client = await connect(`${connectString}${root}`, { retry: false });
    await owner.create("/there", secret);
    await owner.create("/there/child");
    await owner.create("/guarded", secret, { acl: [stranger] });
    await owner.create("/guarded/kept", secret);
    await owner.create("/ephemeral", secret, { mode: "ephemeral" });
  });

  afterAll(async () => {
    await owner?.close();
    await client?.close();
  });

  describe.each(cases)("%s", (code, serverCode, type, calls) => {
    test.each(calls)("by $name", async ({ call, op, path }) => {
      const before = await owner.countDescendants("/");
      const error = await failureOf(call(through(client)));
      expect(error).toBeInstanceOf(type);
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toMatchObject({ name: type.name, code, serverCode, op, path, index: undefined, retryable: false });
      expect(error.message).toContain(`${op} ${path}: `);
      expect(shown(error)).not.toMatch(/top-secret|\/inner/);
      await owner.sync("/");
      expect(await owner.countDescendants("/")).toBe(before);
      expect((await owner.get("/there")).stat.version).toBe(0);
    });
  });
});

describe("refusals that concern no znode of the caller", () => {
  let client: Client;

  beforeAll(async () => {
    client = await connect(connectString, { retry: false });
  });

  afterAll(async () => {
    await client?.close();
  });

  test.each(["/", "/zookeeper"])("BAD_ARGUMENTS by deleting %s", async (path) => {
    const error = await failureOf(client.delete(path));
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: "BAD_ARGUMENTS", serverCode: -8, op: "delete", path });
  });

  test("RECONFIG_DISABLED where reconfiguring is off, as it is by default", async () => {
    const error = await failureOf(client.reconfig({ leaving: [3] }));
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code: "RECONFIG_DISABLED", serverCode: -123, op: "reconfig" });
  });

  test("UNIMPLEMENTED, as UnsupportedError, by a TTL where extended types are off, as they are by default", async () => {
    const path = `${await ownPath(client)}/ttl`;
    const error = await failureOf(client.create(path, secret, { ttlMs: 1000 }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ code: "UNSUPPORTED", op: "create", path });
    expect(shown(error)).not.toContain(secret);
  });

  test("the session and its connection outlive every refusal", async () => {
    const { id } = client.session;
    const states: string[] = [];
    const following = (async () => {
      for await (const state of client.states()) states.push(state);
    })();
    const path = await ownPath(client);
    await Promise.all(
      [
        client.get(`${path}/missing`),
        client.create(path),
        client.set(path, null, { version: 9 }),
        client.create(`${path}/x`, null, { acl: creatorAcl }),
        client.create(`${path}/x`, null, { ttlMs: 5 }),
        client.reconfig({ leaving: [3] }),
        client.delete("/"),
      ].map(failureOf),
    );
    expect(client.session.id).toBe(id);
    expect((await client.get(path)).data).toBeNull();
    await client.close();
    await following;
    expect(states).toEqual(["connected", "closed"]);
  });
});

test("AUTH_FAILED ends the client: another session would fare no better", async () => {
  const client = await connect(connectString);
  const path = await ownPath(client);
  const pending = failureOf(client.addAuth({ scheme: "nonsense", credential: "top-secret-password" }));
  const error = await pending;
  expect(error).toBeInstanceOf(AuthFailedError);
  expect(error).toMatchObject({ code: "AUTH_FAILED", serverCode: -115, op: "addAuth", retryable: false });
  const reason = await client.closed;
  expect(reason).toBeInstanceOf(AuthFailedError);
  expect(client.state).toBe("closed");
  const after = await failureOf(client.get(path));
  expect(after.code).toBe("AUTH_FAILED");
  for (const shownError of [error, reason, after]) expect(shown(shownError)).not.toContain("top-secret");
});
