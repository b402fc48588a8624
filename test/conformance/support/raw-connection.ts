import { connect, type Socket } from "node:net";
import {
  ConnectRequest,
  ConnectResponse,
  errorName,
  FrameDecoder,
  type Operation,
  type OperationName,
  operations,
  Reader,
  type Reply,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
  Writer,
  watchEventTypes,
  Xid,
} from "@quorate/protocol";
import { addressOf } from "../../support/wire.ts";

/** What a server has sent, one frame or the end. */
export type Sent =
  | { readonly kind: "event"; readonly type: string; readonly path: string }
  | {
      readonly kind: "reply";
      readonly xid: number;
      readonly zxid: bigint;
      readonly err: number;
      readonly body: Buffer;
    }
  | { readonly kind: "closed" };

const answerBoundMs = 10_000;

/** A bare connection: says what no driver would, and hears everything in the order it comes. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #frames: Buffer[] = [];
  #isClosed = false;
  #wake: () => void = () => {};
  /** Of the last request without one of its own. */
  lastXid = 0;
  sessionId = 0n;

  constructor(server: string) {
    this.#socket = connect({ ...addressOf(server), noDelay: true });
    this.#socket.on("data", (chunk) => {
      this.#decoder.push(chunk, (frame) => this.#frames.push(Buffer.from(frame)));
      this.#wake();
    });
    // Resets are an ordinary end here.
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** Opens or resumes a session; `bytes` of the answer, as old clients get a shorter one. Undefined: the server hung up. */
  async hello(
    request: Partial<ConnectRequest> = {},
  ): Promise<{ readonly response: ConnectResponse; readonly bytes: number } | undefined> {
    this.write((writer) =>
      ConnectRequest.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeOut: 5_000,
        sessionId: 0n,
        passwd: Buffer.alloc(16),
        readOnly: false,
        ...request,
      }),
    );
    const frame = await this.frame();
    if (frame === undefined) return undefined;
    const response = ConnectResponse.read(new Reader(frame));
    this.sessionId = response.sessionId;
    return { response, bytes: frame.length };
  }

  /** One frame. */
  write(body: (writer: Writer) => void): void {
    const writer = new Writer();
    writer.frame(() => body(writer));
    this.writeBytes(writer.take());
  }

  writeBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Sends a request; returns its xid. */
  send(type: number, body: (writer: Writer) => void = () => {}, xid: number = ++this.lastXid): number {
    this.write((writer) => {
      RequestHeader.write(writer, { xid, type });
      body(writer);
    });
    return xid;
  }

  ask<Name extends OperationName>(operation: Operation<Name>, xid?: number): number {
    const { type, request } = operations[operation.op];
    return this.send(type, (writer) => request.write(writer, operation), xid);
  }

  async next(): Promise<Sent> {
    const frame = await this.frame();
    if (frame === undefined) return { kind: "closed" };
    const reader = new Reader(frame);
    const { xid, zxid, err } = ReplyHeader.read(reader);
    if (xid !== Xid.notification) return { kind: "reply", xid, zxid, err, body: frame.subarray(16) };
    const { type, path } = WatcherEvent.read(reader);
    return { kind: "event", type: watchEventTypes.get(type) ?? String(type), path };
  }

  /** What comes next, which must be a good reply to this kind of request. */
  async reply<Name extends OperationName>(op: Name): Promise<Reply<Name>> {
    const sent = await this.next();
    if (sent.kind !== "reply" || sent.err !== 0) throw new Error(`no good reply to ${op}: ${told(sent)}`);
    return operations[op].reply.read(new Reader(sent.body));
  }

  async call<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>> {
    this.ask(operation);
    return this.reply(operation.op);
  }

  /** Everything up to the reply to this request, or to the end. */
  async until(xid: number): Promise<readonly Sent[]> {
    const all: Sent[] = [];
    for (;;) {
      const sent = await this.next();
      all.push(sent);
      if (sent.kind === "closed" || (sent.kind === "reply" && sent.xid === xid)) return all;
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Undefined once the server has hung up. */
  async frame(): Promise<Buffer | undefined> {
    const timer = setTimeout(() => this.#socket.destroy(new Error("no answer")), answerBoundMs);
    try {
      while (this.#frames.length === 0 && !this.#isClosed) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      return this.#frames.shift();
    } finally {
      clearTimeout(timer);
    }
  }
}

/** In short, and without what differs from run to run. */
export function told(sent: Sent): string {
  if (sent.kind === "closed") return "closed";
  if (sent.kind === "event") return `event ${sent.type} ${sent.path}`;
  const result = sent.err === 0 ? `${sent.body.length} bytes` : (errorName(sent.err) ?? String(sent.err));
  return `reply ${sent.xid} ${result}`;
}
