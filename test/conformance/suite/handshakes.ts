import { type ConnectRequest, ConnectRequest as ConnectRequestCodec, CreateMode, Writer, Xid } from "@quorate/protocol";
import { type RawConnection, told } from "../support/raw-connection.ts";
import { create, type Wire, type WireCase } from "../support/wire-case.ts";

/** Says hello and tells what came of it. */
async function hello(wire: Wire, connection: RawConnection, request: Partial<ConnectRequest> = {}): Promise<Hello> {
  const answer = await connection.hello(request);
  if (answer === undefined) {
    wire.tell("hung up");
    return { sessionId: 0n, passwd: Buffer.alloc(16) };
  }
  const { protocolVersion, timeOut, sessionId, passwd, readOnly } = answer.response;
  const sameId = sessionId === request.sessionId ? "the same id" : "another id";
  const id = sessionId === 0n ? "no id" : sameId;
  const password = `${passwd?.length} bytes of password${isZero(passwd) ? ", all zero" : ""}`;
  wire.tell(
    `${timeOut} ms, ${id}, ${password}, version ${protocolVersion}, ${readOnly ? "read-only, " : ""}${answer.bytes} bytes`,
  );
  return { sessionId, passwd: Buffer.from(passwd ?? []) };
}

interface Hello {
  readonly sessionId: bigint;
  readonly passwd: Buffer;
}

function isZero(bytes: Uint8Array | null): boolean {
  return bytes?.every((byte) => byte === 0) ?? true;
}

async function isServed(wire: Wire, connection: RawConnection): Promise<void> {
  connection.ask({ op: "exists", path: "/", watch: false });
  wire.tell(`a request: ${told(await connection.next())}`);
}

export const handshakes: readonly WireCase[] = [
  {
    name: "session timeouts are brought into the server's bounds",
    async run(wire) {
      for (const timeOut of [-1, 0, 1, 999, 1000, 1001, 5000, 9999, 10_000, 10_001, 2 ** 31 - 1]) {
        wire.tell(`asked for ${timeOut} ms:`);
        await hello(wire, wire.connection(), { timeOut });
      }
    },
  },
  {
    name: "what a new session's request may hold",
    async run(wire) {
      for (const request of [
        { protocolVersion: 7 },
        { passwd: null },
        { passwd: Buffer.from("whatever") },
        { readOnly: true },
        { lastZxidSeen: -1n },
      ]) {
        const connection = wire.connection();
        await hello(wire, connection, request);
        await isServed(wire, connection);
      }
    },
  },
  {
    name: "a client that knows nothing of reading only",
    async run(wire) {
      const connection = wire.connection();
      const writer = new Writer();
      ConnectRequestCodec.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeOut: 5000,
        sessionId: 0n,
        passwd: Buffer.alloc(16),
        readOnly: false,
      });
      const full = writer.take();
      const frame = Buffer.alloc(4 + full.length - 1);
      frame.writeInt32BE(full.length - 1);
      frame.set(full.subarray(0, -1), 4);
      connection.writeBytes(frame);
      const sent = await connection.frame();
      wire.tell(`${sent?.length} bytes`);
      await isServed(wire, connection);
    },
  },
  {
    name: "who has seen more than the server",
    async run(wire) {
      const connection = wire.connection();
      await hello(wire, connection, { lastZxidSeen: 2n ** 62n });
      wire.tell(told(await connection.next()));
    },
  },
  {
    name: "a session is resumed by its id and password",
    async run(wire) {
      const first = await wire.sessionWithRoot();
      first.close();
      const before = wire.connection();
      const opened = await hello(wire, before);
      await create(before, `${wire.base}/e`, CreateMode.ephemeral);
      before.close();
      const after = wire.connection();
      const resumed = await hello(wire, after, { ...opened, timeOut: 1500 });
      wire.tell(resumed.passwd.equals(opened.passwd) ? "the same password" : "another password");
      const { ephemerals } = await after.call({ op: "getEphemerals", prefixPath: "/" });
      wire.tell(`ephemeral znodes: ${ephemerals.join()}`);
    },
  },
  {
    name: "a wrong password",
    async run(wire) {
      const owner = wire.connection();
      const opened = await hello(wire, owner);
      for (const passwd of [Buffer.alloc(16, 7), Buffer.alloc(16), Buffer.alloc(0), null, opened.passwd.subarray(1)]) {
        const other = wire.connection();
        await hello(wire, other, { sessionId: opened.sessionId, passwd });
        wire.tell(told(await other.next()));
      }
      await isServed(wire, owner);
    },
  },
  {
    name: "a session nobody knows",
    async run(wire) {
      const connection = wire.connection();
      await hello(wire, connection, { sessionId: 0x1234_5678n, passwd: Buffer.alloc(16, 1) });
      wire.tell(told(await connection.next()));
    },
  },
  {
    name: "a session that was closed",
    async run(wire) {
      const connection = wire.connection();
      const opened = await hello(wire, connection);
      connection.ask({ op: "closeSession" });
      wire.tell(told(await connection.next()));
      wire.tell(told(await connection.next()));
      const late = wire.connection();
      await hello(wire, late, opened);
      wire.tell(told(await late.next()));
    },
  },
  {
    name: "a session resumed on a second connection of the same server",
    async run(wire) {
      const first = wire.connection();
      const opened = await hello(wire, first);
      const second = wire.connection();
      await hello(wire, second, opened);
      await isServed(wire, second);
      first.ask({ op: "exists", path: "/", watch: false });
      wire.tell(`the first one: ${told(await first.next())}`);
      await isServed(wire, second);
    },
  },
  {
    name: "watches go with their connection",
    async run(wire) {
      const writer = await wire.sessionWithRoot();
      const first = wire.connection();
      const opened = await hello(wire, first);
      await first.call({ op: "getData", path: wire.base, watch: true });
      first.close();
      const second = wire.connection();
      await hello(wire, second, opened);
      await writer.call({ op: "setData", path: wire.base, data: null, version: -1 });
      await isServed(wire, second);
    },
  },
  {
    name: "bytes that are no hello",
    async run(wire) {
      const lengthOf = (length: number): Buffer => {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32BE(length);
        return bytes;
      };
      for (const [name, bytes] of [
        ["a request of the web", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
        ["a negative length", lengthOf(-5)],
        ["a length above the limit", lengthOf(64 * 1024 * 1024)],
        ["an empty frame", lengthOf(0)],
        ["a short frame", Buffer.concat([lengthOf(5), Buffer.alloc(5)])],
      ] as const) {
        const connection = wire.connection();
        connection.writeBytes(bytes);
        wire.tell(`${name}: ${(await connection.frame()) === undefined ? "hung up" : "answered"}`);
      }
      await isServed(wire, await wire.session());
    },
  },
  {
    name: "a ping and an unknown user before and after",
    async run(wire) {
      const connection = await wire.session();
      connection.send(11, () => {}, Xid.ping);
      wire.tell(told(await connection.next()));
      const auth = (scheme: string): void => {
        connection.send(
          100,
          (writer) => {
            writer.int(0);
            writer.string(scheme);
            writer.buffer(Buffer.from("jo:x"));
          },
          Xid.auth,
        );
      };
      auth("digest");
      wire.tell(told(await connection.next()));
      auth("nonsense");
      wire.tell(told(await connection.next()));
      wire.tell(told(await connection.next()));
    },
  },
];

/** For targets of several members. */
export const moves: readonly WireCase[] = [
  {
    name: "a session that has moved to another member",
    async run(wire) {
      const first = wire.connection(wire.servers[0]);
      const opened = await hello(wire, first);
      await isServed(wire, first);
      const second = wire.connection(wire.servers[1]);
      await hello(wire, second, opened);
      await isServed(wire, second);
      first.ask({ op: "setData", path: "/", data: null, version: 9 });
      wire.tell(`the first one: ${told(await first.next())}`);
      wire.tell(told(await first.next()));
      await isServed(wire, second);
    },
  },
];
