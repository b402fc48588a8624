import { ErrorCode, type Operation, ProtocolError } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { ConnectionLossError, TooLargeError, UnsupportedError } from "../../src/errors/client-errors.ts";
import { BadVersionError, NoNodeError, ServerError } from "../../src/errors/server-errors.ts";
import { nextXid } from "../../src/wire/pending.ts";
import { MemoryNetwork } from "./support/memory-network.ts";
import { openConnected, rejection, until } from "./support/open-session.ts";
import { frameBytes, header, noStat, ScriptedServer } from "./support/scripted-server.ts";

function get(path: string): Operation<"getData"> {
  return { op: "getData", path, watch: false };
}

describe("requests of the wire driver", () => {
  let network: MemoryNetwork;
  let server: ScriptedServer;

  beforeEach(() => {
    network = new MemoryNetwork();
    server = new ScriptedServer(network);
  });

  it("are sent in one write for each tick, in order", async () => {
    const { session } = await openConnected(network);
    const before = server.connection.peer.writes.length;
    const replies = ["/a", "/b", "/c"].map((path) => session.request(get(path)));
    expect(server.connection.peer.writes).toHaveLength(before);
    await Promise.all(replies);
    expect(server.connection.peer.writes).toHaveLength(before + 1);
    expect(server.connection.received.map(({ operation }) => operation)).toEqual(["/a", "/b", "/c"].map(get));
    await session.close();
  });

  it("share a write when replies of one chunk lead to them, through several awaits", async () => {
    const { session } = await openConnected(network);
    const held: number[] = [];
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op !== "exists") return false;
      held.push(xid);
      if (held.length < 3) return true;
      const reply = (id: number): Buffer => frameBytes((writer) => header(writer, id, 1n, ErrorCode.NO_NODE));
      connection.peer.send(Buffer.concat(held.map(reply)));
      return true;
    };
    const ask = async (path: string): Promise<unknown> => {
      await rejection(session.request({ op: "exists", path, watch: false }));
      await Promise.resolve();
      return await session.request(get(path));
    };
    const before = server.connection.peer.writes.length;
    await Promise.all(["/a", "/b", "/c"].map(ask));
    expect(server.connection.peer.writes).toHaveLength(before + 2);
    await session.close();
  });

  it("get the reply of their place in the row", async () => {
    const { session } = await openConnected(network);
    const replies = await Promise.all(["/a", "/b"].map((path) => session.request(get(path))));
    expect(replies.map(({ data }) => Buffer.from(data ?? []).toString())).toEqual(["/a", "/b"]);
    await session.close();
  });

  it.each([
    ["the xid of another request", (xid: number) => xid + 1],
    ["a negative xid that means nothing", () => -9],
    ["a ping's xid, where no ping was sent", () => -2],
    ["the xid of a credential, where none was presented", () => -4],
  ])("answered with %s break the connection, and the session is resumed", async (_, wrongXid) => {
    const { session, events } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      connection.fail(wrongXid(xid), ErrorCode.NO_NODE);
      return true;
    };
    const [first, second] = [session.request(get("/a")), session.request(get("/b"))];
    for (const error of [await rejection(first), await rejection(second)]) {
      expect(error).toBeInstanceOf(ConnectionLossError);
      expect(error).toMatchObject({
        outcome: "unknown",
        retryable: true,
        op: "getData",
        cause: expect.any(ProtocolError),
      });
    }
    server.onRequest = () => false;
    await until(() => events.all("connected").length === 2);
    const [before, after] = events.all("connected");
    expect(after?.sessionId).toBe(before?.sessionId);
    expect(server.connections[0]?.isGone).toBe(true);
    await expect(session.request(get("/c"))).resolves.toMatchObject({ stat: noStat });
    await session.close();
  });

  it.each([
    ["a reply that ends early", Buffer.from([0, 0, 0, 2, 0, 0])],
    ["a frame longer than any reply", Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ["a negative frame length", Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ["text", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ])("answered with %s are rejected, and the driver reconnects", async (_, garbage) => {
    const { session, events } = await openConnected(network);
    server.onRequest = (_received, connection) => {
      connection.peer.send(garbage);
      return true;
    };
    const error = await rejection(session.request(get("/a")));
    expect(error).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown", cause: { code: "PROTOCOL" } });
    server.onRequest = () => false;
    await until(() => events.all("connected").length === 2);
    await session.close();
  });

  it("are rejected when the reply's body does not parse, like all behind them", async () => {
    const { session } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      connection.frame((writer) => {
        header(writer, xid, 5n, 0);
        writer.int(1000);
      });
      return true;
    };
    const error = await rejection(session.request(get("/a")));
    expect(error).toMatchObject({ code: "CONNECTION_LOSS", cause: { code: "PROTOCOL" } });
    await session.close();
  });

  it("fail with the class of the server's error code", async () => {
    const { session } = await openConnected(network);
    const codes = [ErrorCode.NO_NODE, -4711, ErrorCode.UNIMPLEMENTED];
    server.onRequest = ({ xid }, connection) => {
      const code = codes.shift();
      if (code !== undefined) connection.fail(xid, code);
      return code !== undefined;
    };
    const errors = await Promise.all(["/a", "/b", "/c"].map((path) => rejection(session.request(get(path)))));
    expect(errors[0]).toBeInstanceOf(NoNodeError);
    expect(errors[0]).toMatchObject({ path: "/a", op: "getData" });
    expect(errors[1]).toBeInstanceOf(ServerError);
    expect(errors[1]).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", serverCode: -4711 });
    expect(errors[2]).toBeInstanceOf(UnsupportedError);
    await session.close();
  });

  it("of a transaction fail with the error of the operation that failed", async () => {
    const { session } = await openConnected(network);
    server.onRequest = ({ xid, operation }, connection) => {
      if (operation?.op !== "multi") return false;
      const codes = [0, ErrorCode.BAD_VERSION, ErrorCode.RUNTIME_INCONSISTENCY];
      connection.reply(xid, "multi", { results: codes.map((err) => ({ op: "error", err })) });
      return true;
    };
    const error = await rejection(
      session.request({
        op: "multi",
        operations: [
          { op: "check", path: "/a", version: 1 },
          { op: "delete", path: "/b", version: 2 },
          { op: "check", path: "/c", version: 3 },
        ],
      }),
    );
    expect(error).toBeInstanceOf(BadVersionError);
    expect(error).toMatchObject({ index: 1, op: "delete", path: "/b" });
    await session.close();
  });

  it("of a transaction fail with the error that is no consequence of another one", async () => {
    const { session } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      const codes = [ErrorCode.RUNTIME_INCONSISTENCY, ErrorCode.NO_NODE];
      connection.reply(xid, "multi", { results: codes.map((err) => ({ op: "error", err })) });
      return true;
    };
    const check = { op: "check", path: "/a", version: 1 } as const;
    const error = await rejection(session.request({ op: "multi", operations: [check, { ...check, path: "/b" }] }));
    expect(error).toMatchObject({ code: "NO_NODE", index: 1, path: "/b" });
    server.onRequest = () => false;
    await session.close();
  });

  it("over the servers' limit are refused before anything is sent, and their neighbours are not", async () => {
    const { session, events } = await openConnected(network, { maxRequestBytes: 1000 });
    const write = (size: number): Operation<"setData"> => ({
      op: "setData",
      path: "/a",
      data: new Uint8Array(size),
      version: -1,
    });
    // xid, operation code, path, data and version, each with its length.
    const room = 1000 - (4 + 4 + 6 + 4 + 4);
    const before = server.connection.peer.writes.length;
    const [fits, tooLarge, behind] = [write(room), write(room + 1), get("/b")].map((operation) =>
      session.request(operation),
    );
    const error = await rejection(tooLarge as Promise<unknown>);
    expect(error).toBeInstanceOf(TooLargeError);
    expect(error).toMatchObject({ path: "/a", op: "setData" });
    await Promise.all([fits, behind]);
    const bytes = server.connection.peer.writes.slice(before).reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBe(4 + 1000 + 4 + 4 + 4 + 6 + 1);
    expect(events.names).toEqual(["connected"]);
    await session.close();
  });

  it("with values that do not fit their type are refused before anything is sent", async () => {
    const { session, events } = await openConnected(network);
    const error = await rejection(session.request({ op: "delete", path: "/a", version: 2 ** 40 }));
    expect(error).toMatchObject({ code: "ENCODING" });
    await session.request(get("/b"));
    expect(server.connection.received).toHaveLength(1);
    expect(events.names).toEqual(["connected"]);
    await session.close();
  });

  it("answered with SESSION_MOVED are known not to be applied, and the driver reconnects", async () => {
    const { session, events } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      connection.fail(xid, ErrorCode.SESSION_MOVED);
      return true;
    };
    const [first, second] = [session.request(get("/a")), session.request(get("/b"))];
    expect(await rejection(first)).toMatchObject({ code: "CONNECTION_LOSS", outcome: "not-applied", retryable: true });
    expect(await rejection(second)).toMatchObject({ code: "CONNECTION_LOSS", outcome: "unknown" });
    server.onRequest = () => false;
    await until(() => events.all("connected").length === 2);
    await session.close();
  });

  it("end the connection for good: what the server sent behind is not read", async () => {
    const { session, events } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      const moved = frameBytes((writer) => header(writer, xid, 1n, ErrorCode.SESSION_MOVED));
      const event = frameBytes((writer) => {
        header(writer, -1, 1n, 0);
        writer.int(1);
        writer.int(3);
        writer.string("/a");
      });
      connection.peer.send(Buffer.concat([moved, event]));
      return true;
    };
    await rejection(session.request(get("/a")));
    server.onRequest = () => false;
    await until(() => events.all("connected").length === 2);
    expect(events.names).toEqual(["connected", "disconnected", "connected"]);
    await session.close();
  });

  it("answered with SESSION_EXPIRED end the session", async () => {
    const { session, events } = await openConnected(network);
    server.onRequest = ({ xid }, connection) => {
      connection.fail(xid, ErrorCode.SESSION_EXPIRED);
      return true;
    };
    const [first, second] = [session.request(get("/a")), session.request(get("/b"))];
    expect(await rejection(first)).toMatchObject({ code: "SESSION_EXPIRED", outcome: "not-applied" });
    expect(await rejection(second)).toMatchObject({ code: "SESSION_EXPIRED", outcome: "unknown" });
    await until(() => events.names.includes("expired"));
    expect(await rejection(session.request(get("/c")))).toMatchObject({
      code: "SESSION_EXPIRED",
      outcome: "not-applied",
    });
    expect(events.names).toEqual(["connected", "expired"]);
    expect(network.open).toBe(0);
  });

  it("are refused while there is no connection", async () => {
    const { session, events } = await openConnected(network);
    server.reachable = "refuse";
    server.connection.peer.close();
    await until(() => events.names.includes("disconnected"));
    const error = await rejection(session.request(get("/a")));
    expect(error).toMatchObject({ code: "CONNECTION_LOSS", outcome: "not-applied", retryable: true, path: "/a" });
    await session.close();
  });

  it("are refused when a server does not read, once 64 MiB are waiting for it", async () => {
    const { session } = await openConnected(network);
    server.connection.peer.stalled = true;
    const megabyte = new Uint8Array(1_000_000);
    const outcomes: Promise<unknown>[] = [];
    for (let count = 0; count < 100; count++) {
      const request = session.request({ op: "setData", path: "/a", data: megabyte, version: -1 });
      outcomes.push(
        request.then(
          () => "applied",
          (error: ConnectionLossError) => error.outcome,
        ),
      );
    }
    const refused = session.request(get("/b"));
    expect(await rejection(refused)).toMatchObject({ code: "CONNECTION_LOSS", outcome: "not-applied" });
    await session.close({ timeoutMs: 0 });
    const settled = await Promise.all(outcomes);
    expect(settled.filter((outcome) => outcome === "unknown")).toHaveLength(68);
    expect(settled.filter((outcome) => outcome === "not-applied")).toHaveLength(32);
  });

  it("are the server's to answer in order, thousands at once", async () => {
    const { session } = await openConnected(network);
    const paths = Array.from({ length: 5000 }, (_, index) => `/node-${index}`);
    const replies = await Promise.all(paths.map((path) => session.request(get(path))));
    expect(replies.map(({ data }) => Buffer.from(data ?? []).toString())).toEqual(paths);
    await session.close();
  });
});

describe("nextXid", () => {
  it("starts over at 1, never touching 0 and the negative numbers", () => {
    expect(nextXid(0)).toBe(1);
    expect(nextXid(0x7fff_fffe)).toBe(0x7fff_ffff);
    expect(nextXid(0x7fff_ffff)).toBe(1);
  });
});
