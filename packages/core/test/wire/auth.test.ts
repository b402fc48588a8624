import { ErrorCode } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { AuthFailedError } from "../../src/errors/server-errors.ts";
import { digestMd5 } from "../../src/wire/sasl/digest-md5.ts";
import { parseDirectives } from "../../src/wire/sasl/directives.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { type Opened, open, openConnected, rejection, until } from "./support/open-session.ts";
import { ScriptedServer } from "./support/scripted-server.ts";

function digest(text: string): { scheme: string; credential: Uint8Array } {
  return { scheme: "digest", credential: Buffer.from(text) };
}

describe("credentials", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    network = new MemoryNetwork();
    server = new ScriptedServer(network);
  });

  const presented = (): string[] => server.connection.auths.map(({ auth }) => Buffer.from(auth ?? []).toString());

  it("are presented at every connect, in order, before everything else", async () => {
    const { session, events } = await openConnected(network, { credentials: [digest("a:1"), digest("b:2")] });
    expect(server.connection.auths[0]).toMatchObject({ type: 0, scheme: "digest" });
    expect(presented()).toEqual(["a:1", "b:2"]);
    await session.addCredential(digest("c:3"));
    await session.request({ op: "getData", path: "/a", watch: true });
    server.connection.peer.close();
    await until(() => events.all("connected").length === 2);
    await session.request({ op: "sync", path: "/" });
    expect(presented()).toEqual(["a:1", "b:2", "c:3"]);
    expect(server.connection.log).toEqual(["auth", "auth", "auth", "setWatches", "sync"]);
    await session.close();
  });

  it("that are refused end the session", async () => {
    server.onAuth = ({ auth }) => (Buffer.from(auth ?? []).toString() === "b:2" ? ErrorCode.AUTH_FAILED : 0);
    const { session, events } = open(network, { credentials: [digest("a:1"), digest("b:2")] });
    await until(() => events.names.includes("authFailed"));
    expect(events.names).toEqual(["authFailed"]);
    const [failure] = events.all("authFailed");
    expect(failure?.cause).toBeInstanceOf(AuthFailedError);
    expect(failure?.cause).toMatchObject({ code: "AUTH_FAILED" });
    expect(network.open).toBe(0);
    expect(network.dialled).toHaveLength(1);
    expect(await rejection(session.request({ op: "sync", path: "/" }))).toBeInstanceOf(AuthFailedError);
    expect(await rejection(session.addCredential(digest("c:3")))).toBeInstanceOf(AuthFailedError);
    await session.close();
  });

  it("added later and refused reject and end the session", async () => {
    const { session, events } = await openConnected(network);
    server.onAuth = () => ErrorCode.AUTH_FAILED;
    const inFlight = rejection(session.request({ op: "sync", path: "/" }));
    expect(await rejection(session.addCredential(digest("c:3")))).toBeInstanceOf(AuthFailedError);
    await inFlight.catch(() => {});
    await until(() => events.names.includes("authFailed"));
    expect(events.names).toEqual(["connected", "authFailed"]);
    expect(network.open).toBe(0);
  });

  it("added while there is no connection are presented at the next one", async () => {
    server.reachable = "refuse";
    const { session } = open(network);
    const added = session.addCredential(digest("c:3"));
    server.reachable = "open";
    await added;
    expect(presented()).toEqual(["c:3"]);
    await session.close();
  });

  it("added while others are being judged are presented over the same connection", async () => {
    let opened: Opened | undefined;
    let added: Promise<void> | undefined;
    server.onAuth = () => {
      added ??= opened?.session.addCredential(digest("c:3"));
      return 0;
    };
    opened = open(network, { credentials: [digest("a:1")] });
    await until(() => added !== undefined);
    await added;
    expect(server.connections).toHaveLength(1);
    expect(presented()).toEqual(["a:1", "c:3"]);
    await opened.session.close();
  });

  it("do not count as a sign of life of the session, and take a ping along that does", async () => {
    const { session } = await openConnected(network);
    const before = session.acknowledgedAt;
    let pong = (): void => {};
    server.onRequest = ({ xid }, connection) => {
      pong = () => connection.fail(xid, 0);
      return true;
    };
    await new Promise((resolve) => setTimeout(resolve, 2));
    const writes = server.connection.peer.writes.length;
    await session.addCredential(digest("c:3"));
    expect(server.connection.log).toEqual(["auth", "ping"]);
    expect(server.connection.peer.writes).toHaveLength(writes + 1);
    expect(session.acknowledgedAt).toBe(before);
    pong();
    await until(() => session.acknowledgedAt !== before);
    server.onRequest = () => false;
    await session.close();
  });

  it("added and lost with the connection are presented again", async () => {
    const { session } = await openConnected(network);
    const added = session.addCredential(digest("c:3"));
    server.connection.peer.close();
    await added;
    expect(server.connections.length).toBeGreaterThan(1);
    expect(presented()).toEqual(["c:3"]);
    await session.close();
  });

  it("still waiting when the session is closed reject", async () => {
    server.reachable = "refuse";
    const { session } = open(network);
    const added = rejection(session.addCredential(digest("c:3")));
    await session.close();
    expect(await added).toMatchObject({ code: "CLOSED" });
  });
});

const password = "sécret";
const digestUri = "zookeeper/zk-sasl-md5";

/** A server's side of DIGEST-MD5. */
function saslServer(server: ScriptedServer, challenge: string, rspauth?: string): void {
  server.onRequest = ({ operation, xid }, connection) => {
    if (operation?.op !== "sasl") return false;
    const token = Buffer.from(operation.token ?? []).toString();
    if (token === "") {
      connection.reply(xid, "sasl", { token: Buffer.from(challenge) }, 0n);
      return true;
    }
    const answer = parseDirectives(token);
    const { response, rspauth: proof } = digestMd5({
      username: answer.get("username") ?? "",
      password,
      realm: "zk-sasl-md5",
      nonce: "n0nce",
      cnonce: answer.get("cnonce") ?? "",
      digestUri,
    });
    const isRight =
      answer.get("response") === response && answer.get("nc") === "00000001" && answer.get("qop") === "auth";
    if (isRight) connection.reply(xid, "sasl", { token: Buffer.from(`rspauth=${rspauth ?? proof}`) }, 0n);
    else connection.fail(xid, ErrorCode.AUTH_FAILED, 0n);
    return true;
  };
}

const challengeText = 'realm="zk-sasl-md5",nonce="n0nce",charset=utf-8,algorithm=md5-sess';

describe("SASL DIGEST-MD5", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    network = new MemoryNetwork();
    server = new ScriptedServer(network);
  });

  it("comes behind the credentials and before everything else", async () => {
    saslServer(server, challengeText);
    const sasl = { username: 'o"neil', password };
    const { session, events } = await openConnected(network, { sasl, credentials: [digest("a:1")] });
    server.connection.peer.close();
    await until(() => events.all("connected").length === 2);
    await session.request({ op: "sync", path: "/" });
    expect(server.connection.log).toEqual(["auth", "sasl", "sasl", "sync"]);
    await session.close();
  });

  it.each([
    ["a wrong password", challengeText, undefined, "wrong"],
    ["a server that does not know the password itself", challengeText, "0".repeat(32), password],
    ["a server that ends the conversation with nothing", challengeText, "", password],
    ["another mechanism", "hello", undefined, password],
    ["no nonce", 'realm="zk-sasl-md5",algorithm=md5-sess', undefined, password],
    ["a demand for integrity only", `${challengeText},qop="auth-int"`, undefined, password],
  ])("ends the session over %s", async (_, challenge, rspauth, given) => {
    saslServer(server, challenge, rspauth);
    const { session, events } = open(network, { sasl: { username: "bob", password: given } });
    await until(() => events.names.includes("authFailed"));
    expect(events.names).toEqual(["authFailed"]);
    const [failure] = events.all("authFailed");
    expect(failure?.cause).toMatchObject({ code: "AUTH_FAILED" });
    expect(`${failure?.cause.message} ${String(failure?.cause.cause)}`).not.toContain(given);
    await session.close();
  });

  it("ends the session over a server without SASL, which answers with nothing", async () => {
    server.onRequest = ({ xid }, connection) => {
      connection.reply(xid, "sasl", { token: null }, 0n);
      return true;
    };
    const { session, events } = open(network, { sasl: { username: "bob", password } });
    await until(() => events.names.includes("authFailed"));
    expect(events.all("authFailed")[0]?.cause.cause).toMatchObject({ code: "PROTOCOL" });
    await session.close();
  });

  it("demanded by a server from a client without a user ends the session", async () => {
    const { session, events } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      connection.fail(xid, ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH);
      return true;
    };
    const error = await rejection(session.request({ op: "sync", path: "/" }));
    expect(error).toMatchObject({ code: "SESSION_CLOSED_REQUIRE_SASL_AUTH" });
    await until(() => events.names.includes("authFailed"));
    expect(events.all("authFailed")[0]?.cause).toMatchObject({
      serverCode: ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH,
    });
  });
});

describe("digestMd5", () => {
  it("computes the example of RFC 2831, section 4", () => {
    const proof = digestMd5({
      username: "chris",
      password: "secret",
      realm: "elwood.innosoft.com",
      nonce: "OA6MG9tEQGm2hh",
      cnonce: "OA6MHXh6VqTrRk",
      digestUri: "imap/elwood.innosoft.com",
    });
    expect(proof).toEqual({
      response: "d388dad90d4bbd760a152321f2143af7",
      rspauth: "ea40f60335c427b5527b84dbabcdfffd",
    });
  });

  // Computed by another implementation, of which a ZooKeeper 3.8.0 server accepts these names and passwords.
  it.each([
    ["jörg", "pässwörd", "f2038c08bc36c2ad57a46130e2639d19", "881223b2a912ff5e7f6c5fec96196e12"],
    ["kim", "密碼", "1f7355a72d412da9dac47f547c2019cf", "0927b9d3396b35ae3f5311d47b1df012"],
  ])("hashes what fits ISO 8859-1 in that encoding, and else UTF-8: %s", (username, secret, response, rspauth) => {
    const nonces = { nonce: "OA6MG9tEQGm2hh", cnonce: "OA6MHXh6VqTrRk" };
    const proof = digestMd5({ username, password: secret, realm: "zk-sasl-md5", ...nonces, digestUri });
    expect(proof).toEqual({ response, rspauth });
  });
});

describe("parseDirectives", () => {
  it("reads quoted, escaped, plain and odd values", () => {
    const text = 'realm="a, \\"b\\" \\\\", nonce=abc ,QOP="auth,auth-int",empty="",realm="second"';
    expect([...parseDirectives(text)]).toEqual([
      ["realm", 'a, "b" \\'],
      ["nonce", "abc"],
      ["qop", "auth,auth-int"],
      ["empty", ""],
    ]);
  });
});
