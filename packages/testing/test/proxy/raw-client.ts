import { connect, type Socket } from "node:net";
import { ConnectRequest, FrameDecoder, Reader, Writer } from "@quorate/protocol";

/** A bare connection that records what comes in. */
export class RawClient {
  readonly socket: Socket;
  readonly frames: Buffer[] = [];
  readonly #decoder = new FrameDecoder();
  received: Buffer = Buffer.alloc(0);
  readonly closed: Promise<{ readonly hadError: boolean }>;

  constructor(port: number, options: { readonly frames?: boolean } = {}) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      if (options.frames !== false) this.#decoder.push(chunk, (frame) => this.frames.push(Buffer.from(frame)));
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (hadError) => resolve({ hadError }));
    });
  }

  /** xids of the replies so far, the connect response left out. */
  get answered(): readonly number[] {
    return this.frames.slice(1).map((frame) => new Reader(frame).int());
  }
}

/** The bytes of a connect request and the given requests, each a header with whatever `body` writes. */
export function session(requests: readonly WireRequest[]): Buffer {
  const writer = new Writer();
  const hello = { protocolVersion: 0, lastZxidSeen: 0n, timeOut: 6000, sessionId: 0n, passwd: null, readOnly: false };
  writer.frame(() => ConnectRequest.write(writer, hello));
  for (const request of requests) writeFrame(writer, request);
  return writer.take();
}

export interface WireRequest {
  readonly xid: number;
  readonly type: number;
  readonly body?: (writer: Writer) => void;
}

export function wireRequests(requests: readonly WireRequest[]): Buffer {
  const writer = new Writer();
  for (const request of requests) writeFrame(writer, request);
  return writer.take();
}

function writeFrame(writer: Writer, { xid, type, body }: WireRequest): void {
  writer.frame(() => {
    writer.int(xid);
    writer.int(type);
    body?.(writer);
  });
}
