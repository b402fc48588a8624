import {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  FrameDecoder,
  OpCode,
  type Operation,
  operationName,
  operations,
  Reader,
  type Reply,
  SetWatches2Request as SetWatches2Codec,
  type SetWatches2Request,
  SetWatchesRequest as SetWatchesCodec,
  WatcherEvent,
  Writer,
  Xid,
} from "@quorate/protocol";
import type { Listener, MemoryNetwork, ServerSide } from "./memory-network.ts";

export interface Received {
  readonly xid: number;
  readonly type: number;
  /** The decoded request, where it is an ordinary operation. */
  readonly operation: Operation | undefined;
}

export interface Handshake {
  readonly request: ConnectRequest;
  readonly connection: ServerConnection;
}

export const noStat = {
  czxid: 1n,
  mzxid: 1n,
  ctime: 0n,
  mtime: 0n,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  dataLength: 0,
  numChildren: 0,
  pzxid: 1n,
};

/** Sessions that a group of servers knows of. */
export class Sessions {
  readonly passwords = new Map<bigint, Uint8Array>();
  #next = 0x1000n;

  open(): { readonly sessionId: bigint; readonly passwd: Uint8Array } {
    const sessionId = this.#next++;
    const passwd = Buffer.from(`password-${sessionId}`.padEnd(16));
    this.passwords.set(sessionId, passwd);
    return { sessionId, passwd };
  }
}

export interface ServerSettings {
  readonly address?: string;
  readonly sessions?: Sessions;
  readonly timeOut?: number;
  readonly readOnly?: boolean;
}

/** A ZooKeeper server of which every step can be scripted. What is not scripted is answered as a healthy server does. */
export class ScriptedServer implements Listener {
  reachable: Listener["reachable"] = "open";
  readonly connections: ServerConnection[] = [];
  readonly sessions: Sessions;
  readonly settings: ServerSettings;
  readOnly: boolean;
  timeOut: number;
  /** Replaces the answer to ConnectRequest; returns true when it took over. */
  onHandshake: (handshake: Handshake) => boolean = () => false;
  /** Replaces the answer to a request; returns true when it took over. */
  onRequest: (received: Received, connection: ServerConnection) => boolean = () => false;
  /** The error code for a credential. */
  onAuth: (packet: AuthPacket) => number = () => 0;

  constructor(network: MemoryNetwork, settings: ServerSettings = {}) {
    this.settings = settings;
    this.sessions = settings.sessions ?? new Sessions();
    this.readOnly = settings.readOnly ?? false;
    this.timeOut = settings.timeOut ?? 6000;
    network.listeners.set(settings.address ?? "10.0.0.1:2181", this);
  }

  /** The newest connection that asked for a session. */
  get connection(): ServerConnection {
    const newest = this.connections.findLast(({ handshake }) => handshake !== undefined);
    if (newest === undefined) throw new Error("nobody has connected yet");
    return newest;
  }

  accept(peer: ServerSide): void {
    this.connections.push(new ServerConnection(this, peer));
  }
}

/** One client's connection, seen from the server. */
export class ServerConnection {
  readonly peer: ServerSide;
  handshake: ConnectRequest | undefined;
  readonly auths: AuthPacket[] = [];
  readonly rearmed: (SetWatches2Request & { readonly type: number; readonly bytes: number })[] = [];
  /** Ordinary requests. */
  readonly received: Received[] = [];
  /** Everything behind the handshake in order: `auth`, `ping`, `setWatches`, or the operation's name. */
  readonly log: string[] = [];
  isGone = false;
  zxid = 1n;
  readonly #server: ScriptedServer;
  readonly #decoder = new FrameDecoder();

  constructor(server: ScriptedServer, peer: ServerSide) {
    this.#server = server;
    this.peer = peer;
    peer.onData = (bytes) => {
      if (Buffer.from(bytes).toString("latin1") === "isro") return this.#isReadOnly();
      this.#decoder.push(bytes, (frame) => this.#frame(frame));
    };
    peer.onGone = () => {
      this.isGone = true;
    };
  }

  openSession(answer: Partial<ConnectResponse> = {}): void {
    const { sessions, timeOut, readOnly } = this.#server;
    const asked = this.handshake?.sessionId ?? 0n;
    const known = sessions.passwords.get(asked);
    const session = asked === 0n ? sessions.open() : { sessionId: asked, passwd: known ?? null };
    const isExpired = known === undefined && asked !== 0n;
    this.frame((writer) =>
      ConnectResponse.write(writer, {
        protocolVersion: 0,
        timeOut: isExpired ? 0 : timeOut,
        sessionId: isExpired ? 0n : session.sessionId,
        passwd: isExpired ? new Uint8Array(16) : session.passwd,
        readOnly,
        ...answer,
      }),
    );
    if (isExpired) this.peer.close();
  }

  reply<Op extends Operation["op"]>(xid: number, op: Op, body: Reply<Op>, zxid: bigint = ++this.zxid): void {
    this.frame((writer) => {
      header(writer, xid, zxid, 0);
      operations[op].reply.write(writer, body as never);
    });
  }

  fail(xid: number, errorCode: number, zxid: bigint = ++this.zxid): void {
    this.frame((writer) => header(writer, xid, zxid, errorCode));
  }

  notify(type: number, path: string, zxid: bigint = -1n): void {
    this.frame((writer) => {
      header(writer, Xid.notification, zxid, 0);
      WatcherEvent.write(writer, { type, state: 3, path });
    });
  }

  frame(write: (writer: Writer) => void): void {
    this.peer.send(frameBytes(write));
  }

  #isReadOnly(): void {
    this.peer.send(Buffer.from(this.#server.readOnly ? "ro" : "rw"));
    this.peer.close();
  }

  #frame(frame: Buffer): void {
    const reader = new Reader(frame);
    if (this.handshake === undefined) {
      this.handshake = ConnectRequest.read(reader);
      if (!this.#server.onHandshake({ request: this.handshake, connection: this })) this.openSession();
      return;
    }
    const xid = reader.int();
    const type = reader.int();
    const name = operationName(type);
    if (type === OpCode.auth) this.#auth(AuthPacket.read(reader));
    else if (type === OpCode.ping) this.#ping(xid, type);
    else if (type === OpCode.setWatches || type === OpCode.setWatches2) this.#rearm(xid, type, reader, frame.length);
    else this.#request({ xid, type, operation: name && readOperation(name, reader) });
  }

  #auth(packet: AuthPacket): void {
    this.log.push("auth");
    this.auths.push(packet);
    const errorCode = this.#server.onAuth(packet);
    this.frame((writer) => header(writer, Xid.auth, 0n, errorCode));
    if (errorCode !== 0) this.peer.close();
  }

  #ping(xid: number, type: number): void {
    this.log.push("ping");
    if (this.#server.onRequest({ xid, type, operation: undefined }, this)) return;
    this.frame((writer) => header(writer, xid, this.zxid, 0));
  }

  #rearm(xid: number, type: number, reader: Reader, bytes: number): void {
    const none = { persistentWatches: [], persistentRecursiveWatches: [] };
    const watches =
      type === OpCode.setWatches ? { ...SetWatchesCodec.read(reader), ...none } : SetWatches2Codec.read(reader);
    this.log.push(type === OpCode.setWatches ? "setWatches" : "setWatches2");
    this.rearmed.push({ ...watches, type, bytes });
    if (this.#server.onRequest({ xid, type, operation: undefined }, this)) return;
    this.frame((writer) => header(writer, xid, this.zxid, 0));
  }

  #request(received: Received): void {
    this.log.push(received.operation?.op ?? `type ${received.type}`);
    this.received.push(received);
    if (this.#server.onRequest(received, this)) return;
    const { operation, xid } = received;
    if (operation === undefined) return;
    this.reply(xid, operation.op, healthyReply(operation) as never);
    if (operation.op === "closeSession") this.peer.close();
  }
}

export function frameBytes(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  writer.frame(() => write(writer));
  return writer.take();
}

export function header(writer: Writer, xid: number, zxid: bigint, errorCode: number): void {
  writer.int(xid);
  writer.long(zxid);
  writer.int(errorCode);
}

function readOperation(name: Operation["op"], reader: Reader): Operation {
  return { op: name, ...(operations[name].request.read(reader) as object) } as Operation;
}

function healthyReply(operation: Operation): object {
  switch (operation.op) {
    case "getData":
      return { data: Buffer.from(operation.path), stat: noStat };
    case "getChildren":
    case "getChildren2":
      return { children: [], stat: noStat };
    case "create":
    case "sync":
      return { path: operation.path };
    case "multi":
      return { results: operation.operations.map(() => ({ op: "check" })) };
    case "addWatch":
      return { err: 0 };
    default:
      return { stat: noStat };
  }
}
