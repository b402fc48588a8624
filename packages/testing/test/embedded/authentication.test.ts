import {
  type Client,
  type ConnectOptions,
  connect,
  creatorAcl,
  digestAcl,
  InvalidAclError,
  NoAuthError,
  Permission,
} from "@quorate/core";
import { OpCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf } from "../../src/embedded/acl/digest.ts";
import { EmbeddedServer, type EmbeddedServerOptions } from "../../src/index.ts";
import { RawSession } from "./support/raw-session.ts";

let server: EmbeddedServer;
const clients: Client[] = [];

async function start(options: EmbeddedServerOptions = {}): Promise<void> {
  server = await EmbeddedServer.start(options);
}

async function as(auth?: ConnectOptions["auth"]): Promise<Client> {
  const client = await connect(server.connectString, auth === undefined ? {} : { auth });
  clients.push(client);
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.stop();
});

const alice = { scheme: "digest", credential: "alice:secret" } as const;
const bob = { scheme: "digest", credential: "bob:secret" } as const;

describe("permissions", () => {
  beforeEach(() => start({ superDigest: digestOf("super:admin") }));

  it("are those of whoever an entry names, each for itself", async () => {
    const [owner, other] = [await as(alice), await as(bob)];
    const acl = [digestAcl("alice", "secret"), digestAcl("bob", "secret", Permission.read)];
    await owner.create("/a", "x", { acl });
    expect((await other.get("/a")).stat.version).toBe(0);
    await expect(other.set("/a", "y")).rejects.toBeInstanceOf(NoAuthError);
    await expect(other.create("/a/b")).rejects.toBeInstanceOf(NoAuthError);
    await owner.create("/a/b", "", { acl });
    await expect(other.delete("/a/b")).rejects.toBeInstanceOf(NoAuthError);
    await expect(other.transaction().delete("/a/b").commit()).rejects.toBeInstanceOf(NoAuthError);
    await expect((await as()).get("/a")).rejects.toBeInstanceOf(NoAuthError);
    // That there is a znode is no secret.
    expect(await (await as()).exists("/a")).toBeDefined();
  });

  it("belong to the creator by every identity it has, and are hidden from who may only read", async () => {
    const owner = await as([alice, bob]);
    await owner.create("/mine", "", { acl: creatorAcl });
    expect((await owner.getAcl("/mine")).acl.map(({ id }) => id.id).sort()).toEqual([
      digestOf("alice:secret"),
      digestOf("bob:secret"),
    ]);
    await owner.create("/shown", "", {
      acl: [digestAcl("alice", "secret"), { perms: 1, id: { scheme: "world", id: "anyone" } }],
    });
    expect((await (await as()).getAcl("/shown")).acl[0]?.id).toEqual({ scheme: "digest", id: "alice:x" });
    await expect((await as()).create("/nobody", "", { acl: creatorAcl })).rejects.toBeInstanceOf(InvalidAclError);
  });

  it("do not bind the super user", async () => {
    await (await as(alice)).create("/a", "", { acl: creatorAcl });
    const admin = await as({ scheme: "digest", credential: "super:admin" });
    await admin.set("/a", "x");
    await expect((await as({ scheme: "digest", credential: "super:guess" })).get("/a")).rejects.toBeInstanceOf(
      NoAuthError,
    );
  });

  it.each([
    ["nobody", { scheme: "nope", id: "x" }],
    ["no digest", { scheme: "digest", id: "alice" }],
    ["no address", { scheme: "ip", id: "1.2.3" }],
    ["SASL without SASL", { scheme: "sasl", id: "alice" }],
    ["another world", { scheme: "world", id: "someone" }],
  ])("name somebody: %s", async (_, id) => {
    await expect((await as()).create("/x", "", { acl: [{ perms: 31, id }] })).rejects.toBeInstanceOf(InvalidAclError);
  });

  it("are refused with the connection to who shows a credential nobody knows", async () => {
    await expect(as({ scheme: "nope", credential: "x" })).rejects.toMatchObject({ code: "CONNECT" });
    expect(server.stats.dropped.auth).toBe(1);
  });
});

describe("SASL", () => {
  const sasl = (password: string) => ({ scheme: "sasl", username: "bob", password }) as const;

  it("knows its users, and they its ACLs", async () => {
    await start({ saslUsers: { bob: "secret", jürgen: "pässword" } });
    const client = await as(sasl("secret"));
    await client.create("/b", "", { acl: [{ perms: 31, id: { scheme: "sasl", id: "bob" } }] });
    expect(await client.whoAmI()).toContainEqual({ authScheme: "sasl", user: "bob" });
    await expect((await as()).get("/b")).rejects.toBeInstanceOf(NoAuthError);
    await as({ scheme: "sasl", username: "jürgen", password: "pässword" });
    await expect(as(sasl("guess"))).rejects.toMatchObject({ code: "CONNECT" });
    expect(server.stats.dropped.auth).toBe(1);
  });

  it("can be asked of everybody", async () => {
    await start({ saslUsers: { bob: "secret" }, requireSasl: true });
    await (await as(sasl("secret"))).create("/b");
    const anonymous = await RawSession.start(server.port);
    anonymous.send(OpCode.sync, (w) => w.string("/"));
    expect((await anonymous.reply()).err).toBe(-124);
    await anonymous.closed();
    const guess = await as(sasl("guess")).catch((error: unknown) => error);
    expect(String(guess)).not.toContain("guess");
    expect(guess).toMatchObject({ code: "CONNECT" });
  });

  it("has nothing to say without users", async () => {
    await start();
    await expect(as(sasl("secret"))).rejects.toMatchObject({ code: "CONNECT" });
  });
});
