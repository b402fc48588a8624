import { connect as connectTcp, type Socket } from "node:net";
import {
  ConnectRequest,
  ConnectResponse,
  FrameDecoder,
  type OperationName,
  type OperationTypes,
  operations,
  Reader,
  type Reply,
  ReplyHeader,
  WatcherEvent,
  Writer,
} from "@quorate/protocol";
import { vi } from "vitest";

export interface RawReply extends ReplyHeader {
  /** What is behind the header. */
  readonly body: Buffer;
}

export type Said = { readonly kind: "event"; readonly event: WatcherEvent } | ({ readonly kind: "reply" } & RawReply);

/** A TCP connection that says whatever a test wants it to, frame by frame. */
export class RawConnection {
  readonly socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly frames: Buffer[] = [];
  /** What came, where it is no frames. */
  bytes: Buffer = Buffer.alloc(0);
  isClosed = false;

  constructor(port: number, says: "frames" | "bytes" = "frames") {
    this.socket = connectTcp({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    this.socket.on("close", () => {
      this.isClosed = true;
    });
    this.socket.on("data", (chunk) => {
      if (says === "bytes") this.bytes = Buffer.concat([this.bytes, chunk]);
      else this.#decoder.push(chunk, (frame) => this.frames.push(Buffer.from(frame)));
    });
  }

  static async open(port: number, says: "frames" | "bytes" = "bytes"): Promise<RawConnection> {
    const connection = new RawConnection(port, says);
    await vi.waitUntil(() => !connection.socket.connecting, { timeout: 5000, interval: 1 });
    return connection;
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  frame(write: (writer: Writer) => void): void {
    this.write(frameOf(write));
  }

  async next(): Promise<Buffer> {
    return this.frames.shift() ?? (await vi.waitUntil(() => this.frames.shift(), { timeout: 5000, interval: 1 }));
  }

  async closed(): Promise<void> {
    await vi.waitUntil(() => this.isClosed, { timeout: 5000, interval: 1 });
  }
}

/** A session of one's own making. */
export class RawSession extends RawConnection {
  #lastXid = 0;
  response: ConnectResponse | undefined;

  static async start(port: number, request: Partial<ConnectRequest> = {}): Promise<RawSession> {
    const session = new RawSession(port);
    session.frame((writer) => ConnectRequest.write(writer, { ...newSession, ...request }));
    session.response = ConnectResponse.read(new Reader(await session.next()));
    return session;
  }

  get id(): bigint {
    return this.response?.sessionId ?? 0n;
  }

  send(type: number, body: (writer: Writer) => void = () => {}, xid: number = ++this.#lastXid): void {
    this.frame((writer) => {
      writer.int(xid);
      writer.int(type);
      body(writer);
    });
  }

  async said(): Promise<Said> {
    const frame = await this.next();
    const reader = new Reader(frame);
    const header = ReplyHeader.read(reader);
    if (header.xid === -1) return { kind: "event", event: WatcherEvent.read(reader) };
    return { kind: "reply", ...header, body: frame.subarray(16) };
  }

  async reply(): Promise<RawReply> {
    for (;;) {
      const said = await this.said();
      if (said.kind === "reply") return said;
    }
  }

  /** The reply of an operation that is granted; its error code otherwise. */
  async request<Name extends OperationName>(
    name: Name,
    request: OperationTypes[Name]["request"],
  ): Promise<Reply<Name> | number> {
    this.send(operations[name].type, (writer) => operations[name].request.write(writer, request));
    const { err, body } = await this.reply();
    return err === 0 ? (operations[name].reply.read(new Reader(body)) as Reply<Name>) : err;
  }
}

export function frameOf(write: (writer: Writer) => void): Buffer {
  const writer = new Writer();
  writer.frame(() => write(writer));
  return writer.take();
}

export const newSession: ConnectRequest = {
  protocolVersion: 0,
  lastZxidSeen: 0n,
  timeOut: 10_000,
  sessionId: 0n,
  passwd: new Uint8Array(16),
  readOnly: false,
};

export const open = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];
