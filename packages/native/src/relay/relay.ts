import type { ConnectionOptions, RearmFrame } from "@quorate/core/driver";
import {
  ConnectResponse,
  FrameDecoder,
  OpCode,
  ProtocolError,
  QuorateError,
  Reader,
  Writer,
  Xid,
} from "@quorate/protocol";
import type { Call } from "./call.ts";
import { Loopback } from "./loopback.ts";
import { type Arrival, Traffic } from "./traffic.ts";

export interface RelayEvents {
  /** The server's stream is open. */
  open(): void;
  /** Each frame of the server, before the C client sees it. Pongs and the relay's own answers are not told. */
  arrived(arrival: Extract<Arrival, { kind: "answer" | "watch" | "auth" }>): void;
  /** Either side is gone, or one has sent what the other must not see. Nothing is relayed any more. */
  broken(cause: Error): void;
}

export interface RelayHandshake {
  /** The port the C client is to connect to. */
  listening(port: number): void;
  /** Judges the server's answer before the C client sees it; false keeps it from the C client. What it throws breaks the relay. */
  admit(response: ConnectResponse): boolean;
}

/**
 * Stands between the C client and the server, on a port of this machine. The C client's own connection is of little use: it looks names
 * up and closes while everything waits, tries again when it likes, and trusts what it reads. This one is opened, watched and cut from here.
 */
export class Relay {
  readonly #events: RelayEvents;
  readonly #ticket: ConnectionOptions["ticket"];
  readonly #server: ReturnType<ConnectionOptions["transport"]["connect"]>;
  readonly #fromServer = new FrameDecoder();
  readonly #fromClient = new FrameDecoder();
  readonly #traffic = new Traffic();
  #client: Loopback | undefined;
  #handshake: "none" | "asked" | "answered" = "none";
  #handshakeSentAt = 0;
  #lastZxidSeen = 0n;
  #admit: RelayHandshake["admit"] = () => false;
  #onClosed: (() => void) | undefined;
  #nudge: ReturnType<typeof setTimeout> | undefined;
  #destroyed = false;
  lastSentAt: number = performance.now();
  lastReceivedAt: number = performance.now();

  /** @throws on options of the transport that can never work */
  constructor({ transport, target, ticket }: ConnectionOptions, events: RelayEvents) {
    this.#events = events;
    this.#ticket = ticket;
    this.#server = transport.connect(target, {
      open: () => events.open(),
      data: (chunk) => {
        this.lastReceivedAt = performance.now();
        this.#guarded(() => this.#fromServer.push(chunk, (frame) => this.#toClient(frame)));
      },
      close: (cause) => events.broken(cause),
    });
  }

  get unansweredSince(): number | undefined {
    return this.#traffic.unansweredSince;
  }

  /** Of this machine, towards the server. */
  get localAddress(): string | undefined {
    return this.#server.localAddress;
  }

  /** Bytes the server has not taken yet. */
  get queuedBytes(): number {
    return this.#server.queuedBytes;
  }

  /** @param lastZxidSeen told to the server: a fresh C client has seen nothing, and a server that is behind must not serve it */
  listen(lastZxidSeen: bigint, { listening, admit }: RelayHandshake): void {
    this.#lastZxidSeen = lastZxidSeen;
    this.#admit = admit;
    this.#client = new Loopback(
      {
        data: (chunk) => this.#guarded(() => this.#fromClient.push(chunk, (frame) => this.#toServer(frame))),
        close: (cause) => this.#events.broken(cause),
      },
      listening,
    );
  }

  /** A request the C client is about to be given. */
  expect(call: Call): void {
    this.#traffic.expect(call);
    this.#nudge ??= setTimeout(() => this.#nudged(), nudgeEveryMs).unref();
  }

  forget(call: Call): void {
    this.#traffic.forget(call);
  }

  ping(): void {
    this.#send(Xid.ping, OpCode.ping);
  }

  /** Tells the server of watches. The C client's own way puts them into one frame, however large, and has to have left them itself. */
  rearm(frame: RearmFrame): void {
    this.#send(Xid.setWatches, frame.type, (writer) => frame.write(writer));
  }

  /**
   * Ends the session at the server, behind whatever the C client has been given. The C client's own way would block.
   *
   * @param done called when the server has answered
   */
  closeSession(done: () => void): void {
    this.#onClosed = done;
    if (!this.#traffic.isBehind) this.#send(closeXid, OpCode.closeSession);
  }

  destroy(): void {
    this.#destroyed = true;
    clearTimeout(this.#nudge);
    this.#server.destroy();
    this.#client?.destroy();
  }

  #guarded(work: () => void): void {
    if (this.#destroyed) return;
    try {
      work();
    } catch (error) {
      if (this.#destroyed) return;
      const isOurs = QuorateError.isQuorateError(error);
      this.#events.broken(isOurs ? error : new ProtocolError("undecodable bytes", { cause: error }));
    }
  }

  #toServer(frame: Buffer): void {
    if (this.#destroyed) return;
    const now = performance.now();
    if (this.#handshake === "none") {
      this.#handshake = "asked";
      this.#handshakeSentAt = now;
      frame.writeBigInt64BE(this.#lastZxidSeen, lastZxidAt);
    } else {
      this.#traffic.sent(frame, now);
    }
    this.lastSentAt = now;
    this.#server.write(withPrefix(frame));
    if (this.#onClosed !== undefined && !this.#traffic.isBehind) this.closeSession(this.#onClosed);
  }

  #toClient(frame: Buffer): void {
    if (this.#destroyed) return;
    if (this.#handshake !== "answered") return this.#answerHandshake(frame);
    const arrival = this.#traffic.received(frame);
    const { acknowledgedAt, lastZxid } = this.#traffic;
    if (acknowledgedAt !== undefined) this.#acknowledge(acknowledgedAt);
    if (lastZxid > this.#ticket.lastZxid) this.#ticket.lastZxid = lastZxid;
    if (arrival.kind === "closed") return this.#onClosed?.();
    if (arrival.kind === "rearmed") {
      // Watches that were refused would be dead silently.
      if (arrival.errorCode !== 0) throw new ProtocolError(`watches were refused with ${arrival.errorCode}`);
      return;
    }
    // A refused credential makes the C client close itself from within: it need not know.
    if (arrival.kind !== "auth" || arrival.errorCode === 0) this.#client?.write(withPrefix(frame));
    if (arrival.kind !== "pong") this.#events.arrived(arrival);
  }

  #answerHandshake(frame: Buffer): void {
    if (this.#handshake === "none") throw new ProtocolError("an answer before the handshake");
    if (!this.#admit(ConnectResponse.read(new Reader(frame)))) return;
    this.#handshake = "answered";
    this.#acknowledge(this.#handshakeSentAt);
    this.#client?.write(withPrefix(frame));
  }

  #acknowledge(sentAt: number): void {
    const { acknowledgedAt } = this.#ticket;
    if (acknowledgedAt === undefined || sentAt > acknowledgedAt) this.#ticket.acknowledgedAt = sentAt;
  }

  /** A frame of the relay's own. */
  #send(xid: number, type: number, body: (writer: Writer) => void = () => {}): void {
    const writer = new Writer();
    writer.frame(() => {
      writer.int(xid);
      writer.int(type);
      body(writer);
    });
    const bytes = writer.take();
    this.lastSentAt = performance.now();
    this.#traffic.sent(bytes.subarray(prefixBytes), this.lastSentAt);
    this.#server.write(bytes);
  }

  /**
   * What does not fit into the socket at once, the C client goes on sending only when something wakes it, at the latest after a third of
   * the session timeout. The answer to a ping does, be it asked for or not.
   */
  #nudged(): void {
    this.#nudge = undefined;
    if (!this.#traffic.isBehind || this.#destroyed) return;
    this.#client?.write(pong);
    this.#nudge = setTimeout(() => this.#nudged(), nudgeEveryMs).unref();
  }
}

const nudgeEveryMs = 5;
/** No xid of the C client's, which count up from the time of day. */
const closeXid = 1;
/** Behind the protocol's version. */
const lastZxidAt = 4;
const prefixBytes = 4;

function withPrefix(frame: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(prefixBytes + frame.length);
  bytes.writeInt32BE(frame.length, 0);
  frame.copy(bytes, prefixBytes);
  return bytes;
}

const pong: Buffer = (() => {
  const frame = Buffer.alloc(16);
  frame.writeInt32BE(Xid.ping, 0);
  return withPrefix(frame);
})();
