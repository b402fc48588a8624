import { FrameDecoder, OpCode, operationName, operations, ProtocolError, Reader, Xid } from "@quorate/protocol";
import type { ProxyCounters } from "./proxy-stats.ts";
import type { ReplyDrop, SeenRequest, WireOp } from "./reply-drop.ts";

const opNames: ReadonlyMap<number, WireOp> = new Map(
  Object.entries(OpCode).map(([name, type]) => [type, name as WireOp]),
);

/** What of a chunk of replies goes on to the client, and whether the connection ends with it. */
export interface ReplyVerdict {
  readonly pass: Buffer;
  readonly cut: boolean;
}

/**
 * Follows one connection's frames beside the byte stream it does not hold up: counts requests, and finds the reply that is to be dropped.
 * A connection that does not speak ZooKeeper's protocol in the clear (TLS, four-letter words) is left alone from its first odd frame on.
 */
export class Traffic {
  readonly #counters: ProxyCounters;
  readonly #drops: ReadonlySet<ReplyDrop>;
  readonly #requests = new FrameDecoder();
  readonly #replies = new FrameDecoder();
  readonly #awaited = new Map<number, ReplyDrop>();
  #isOpaque = false;
  #sawConnectRequest = false;
  #sawConnectResponse = false;
  #answeredSinceRequest = true;
  /** Reply bytes kept back while a reply to drop is awaited: never more than one incomplete frame. */
  #held: Buffer = Buffer.alloc(0);
  /** How much of the reply frame that is coming in has been passed on already. */
  #passedOfFrame = 0;

  constructor(counters: ProxyCounters, drops: ReadonlySet<ReplyDrop>) {
    this.#counters = counters;
    this.#drops = drops;
  }

  /** Takes note of bytes on their way to the server. */
  request(chunk: Buffer): void {
    this.#counters.requestChunks++;
    this.#counters.requestBytes += chunk.length;
    this.#follow(this.#requests, chunk, (frame) => {
      if (this.#sawConnectRequest) this.#onRequest(frame);
      this.#sawConnectRequest = true;
    });
  }

  /** Decides about bytes on their way to the client. */
  reply(chunk: Buffer): ReplyVerdict {
    this.#counters.replyChunks++;
    this.#counters.replyBytes += chunk.length;
    let finishedBytes = 0;
    let cut = false;
    this.#follow(this.#replies, chunk, (frame) => {
      cut ||= this.#sawConnectResponse && this.#onReply(frame);
      this.#sawConnectResponse = true;
      if (!cut) finishedBytes += 4 + frame.length;
    });

    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    if (!cut && !this.#awaitsReplyToDrop()) {
      this.#held = Buffer.alloc(0);
      this.#passedOfFrame += bytes.length - finishedBytes;
      return { pass: bytes, cut };
    }
    const passedBytes = Math.max(0, finishedBytes - this.#passedOfFrame);
    this.#held = bytes.subarray(passedBytes);
    if (finishedBytes > 0) this.#passedOfFrame = 0;
    return { pass: bytes.subarray(0, passedBytes), cut };
  }

  /** The connection is over. */
  end(): void {
    for (const drop of this.#awaited.values()) drop.rearm();
    this.#awaited.clear();
  }

  #follow(decoder: FrameDecoder, chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    if (this.#isOpaque) return;
    try {
      decoder.push(chunk, onFrame);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isOpaque = true;
    }
  }

  #onRequest(frame: Buffer): void {
    const reader = new Reader(frame);
    const xid = reader.int();
    const type = reader.int();
    const op = opNames.get(type);
    this.#counters.countRequest(op);
    if (op !== "ping") {
      if (this.#answeredSinceRequest) this.#counters.roundTrips++;
      this.#answeredSinceRequest = false;
    }
    let paths: readonly string[] | undefined;
    const request: SeenRequest = {
      op,
      paths: () => {
        paths ??= pathsOf(type, reader);
        return paths;
      },
    };
    for (const drop of this.#drops) {
      if (!drop.takes(request)) continue;
      this.#awaited.set(xid, drop);
      break;
    }
  }

  /** Whether this is the reply that must not get through. */
  #onReply(frame: Buffer): boolean {
    const xid = new Reader(frame).int();
    if (xid !== Xid.ping) this.#answeredSinceRequest = true;
    if (xid === Xid.notification) this.#counters.watchEvents++;
    const drop = this.#awaited.get(xid);
    this.#awaited.delete(xid);
    if (drop?.state !== "forwarded") return false;
    drop.dropped();
    return true;
  }

  #awaitsReplyToDrop(): boolean {
    if (this.#isOpaque) return false;
    for (const drop of this.#awaited.values()) if (drop.state === "forwarded") return true;
    return false;
  }
}

/** @throws ProtocolError on a body that is not this request's */
function pathsOf(type: number, body: Reader): readonly string[] {
  const name = operationName(type);
  if (name === undefined) return [];
  const request: object = operations[name].request.read(body);
  const parts: readonly object[] = "operations" in request ? (request.operations as readonly object[]) : [request];
  return parts.flatMap((part) => ("path" in part && typeof part.path === "string" ? [part.path] : []));
}
