import {
  OpCode,
  type OperationName,
  operationName,
  operations,
  ProtocolError,
  Reader,
  WatcherEvent,
  Xid,
} from "@quorate/protocol";
import type { Call } from "./call.ts";

/** What a frame of the server is. */
export type Arrival =
  | { readonly kind: "answer"; readonly call: Call; readonly errorCode: number; readonly reply: unknown }
  | { readonly kind: "watch"; readonly event: WatcherEvent; readonly zxid: bigint }
  | { readonly kind: "pong" }
  | { readonly kind: "auth"; readonly errorCode: number }
  /** To the relay's own requests. The C client has asked for nothing, and an answer would end the process. */
  | { readonly kind: "rearmed"; readonly errorCode: number }
  | { readonly kind: "closed" };

interface Sent {
  readonly xid: number;
  readonly type: number;
  /** `performance.now()` */
  readonly sentAt: number;
  /** Undefined for what is not asked by the session's user. */
  readonly call: Call | undefined;
}

/**
 * Which answer belongs to which request, on the way between the C client and the server. The C client believes every frame: an answer
 * that nobody asked for fails an assertion and ends the process, and one that cannot be decoded leaves it with wild pointers. So both are
 * found here, before it sees them.
 */
export class Traffic {
  /** Handed to the C client and not seen on its connection yet. It sends in this order. */
  readonly #expected: Call[] = [];
  readonly #requests: Sent[] = [];
  /** By xid: answered in order among themselves. */
  readonly #own: Readonly<Record<number, Sent[]>> = { [Xid.ping]: [], [Xid.auth]: [], [Xid.setWatches]: [] };
  /** `performance.now()` of the moment the newest request with an answer was sent. Credentials do not count. */
  acknowledgedAt: number | undefined;
  /** The highest zxid of an answer. */
  lastZxid = 0n;

  /** Whether the C client still owes what it was handed. */
  get isBehind(): boolean {
    return this.#expected.length > 0;
  }

  get unansweredSince(): number | undefined {
    let oldest: number | undefined;
    for (const [first] of [this.#requests, ...Object.values(this.#own)]) {
      if (first !== undefined && (oldest === undefined || first.sentAt < oldest)) oldest = first.sentAt;
    }
    return oldest;
  }

  /** To be called in the order in which the C client is asked. */
  expect(call: Call): void {
    this.#expected.push(call);
  }

  /** The C client has refused it after all. */
  forget(call: Call): void {
    const at = this.#expected.lastIndexOf(call);
    if (at !== -1) this.#expected.splice(at, 1);
  }

  /**
   * A frame on its way to the server, the C client's or the relay's own.
   *
   * @throws ProtocolError on one that nobody has caused
   */
  sent(frame: Buffer, sentAt: number): void {
    const xid = frame.readInt32BE(0);
    const type = frame.readInt32BE(4);
    const own = this.#own[xid];
    if (own !== undefined) {
      own.push({ xid, type, sentAt, call: undefined });
    } else if (type === OpCode.closeSession) {
      this.#requests.push({ xid, type, sentAt, call: undefined });
    } else {
      const call = this.#expected.shift();
      if (call === undefined) throw new ProtocolError(`a request of type ${type} that nobody has made`);
      this.#requests.push({ xid, type: patched(frame, type, call), sentAt, call });
    }
  }

  /**
   * A frame of the server.
   *
   * @throws ProtocolError on what the C client must not see
   */
  received(frame: Buffer): Arrival {
    const reader = new Reader(frame);
    const xid = reader.int();
    const zxid = reader.long();
    const errorCode = reader.int();
    if (xid === Xid.notification) return { kind: "watch", event: WatcherEvent.read(reader), zxid };
    const queue = this.#own[xid] ?? this.#requests;
    const sent = queue[0];
    if (sent?.xid !== xid) throw new ProtocolError(`an answer with xid ${xid} that nobody asked for`);
    // Read before anything changes: what cannot be parsed leaves the request among those without an answer.
    const reply = sent.call !== undefined && errorCode === 0 ? decoded(sent.type, reader) : undefined;
    queue.shift();
    if (xid === Xid.auth) return { kind: "auth", errorCode };
    this.#acknowledge(sent);
    if (xid === Xid.ping) return { kind: "pong" };
    if (zxid > this.lastZxid) this.lastZxid = zxid;
    if (xid === Xid.setWatches) return { kind: "rearmed", errorCode };
    return sent.call === undefined ? { kind: "closed" } : { kind: "answer", call: sent.call, errorCode, reply };
  }

  #acknowledge({ sentAt }: Sent): void {
    if (this.acknowledgedAt === undefined || sentAt > this.acknowledgedAt) this.acknowledgedAt = sentAt;
  }
}

/**
 * Puts into the C client's request what the binding has no words for. It writes null as the text "null", so that it was given no bytes:
 * the length behind the path says which of the two it is. Times to live it takes as 32 bits of the 64. And it knows no create2, which
 * differs from create in the number alone, and whose answer begins as the one the C client waits for.
 */
function patched(frame: Buffer, type: number, { operation }: Call): number {
  if ("data" in operation && operation.data === null) frame.writeInt32BE(-1, dataLengthAt(frame));
  if (operation.op === "createTtl") frame.writeBigInt64BE(operation.ttl, frame.length - 8);
  if (operation.op !== "create2" || type !== OpCode.create) return type;
  frame.writeInt32BE(OpCode.create2, 4);
  return OpCode.create2;
}

/** Behind the header and the path. */
function dataLengthAt(frame: Buffer): number {
  return 12 + frame.readInt32BE(8);
}

function decoded(type: number, reader: Reader): unknown {
  const name: OperationName | undefined = operationName(type);
  if (name === undefined) throw new ProtocolError(`an answer to a request of the unknown type ${type}`);
  return operations[name].reply.read(reader);
}
