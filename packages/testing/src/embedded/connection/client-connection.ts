import {
  type Acl,
  ErrorCode,
  FrameDecoder,
  OpCode,
  Permission,
  ProtocolError,
  Reader,
  SetSaslResponse,
  type WatchEventType,
  type Writer,
  Xid,
} from "@quorate/protocol";
import { lastOperation } from "../four-letter/last-operation.ts";
import type { Caller } from "../requests/caller.ts";
import type { Session, SessionConnection } from "../sessions/session.ts";
import type { Watcher } from "../watches/watcher.ts";
import { type AuthAnswer, Authentication } from "./authentication.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { DropReason } from "./drop-reason.ts";
import { shakeHands } from "./handshake.ts";
import { Outbox } from "./outbox.ts";
import { type Answer, answer } from "./request-answer.ts";
import type { ServedClient } from "./served-client.ts";
import type { ServerStream, ServerStreamEvents } from "./server-stream.ts";
import { ConnectionTraffic } from "./traffic.ts";
import { WordProbe } from "./word-probe.ts";

/** Unread answers beyond which no more requests are read. */
const highWaterBytes = 1024 * 1024;

type Phase =
  | { readonly name: "silent"; readonly probe: WordProbe }
  | { readonly name: "serving"; readonly caller: Caller }
  /** What has been said already still goes out. */
  | { readonly name: "leaving" }
  | { readonly name: "over" };

/** One client, from its first byte to its last. Whatever it sends, it harms nobody but itself. */
export class ClientConnection implements ServedClient, Watcher, SessionConnection, ServerStreamEvents {
  readonly #host: ConnectionHost;
  readonly #stream: ServerStream;
  readonly #outbox: Outbox;
  readonly #decoder: FrameDecoder;
  readonly #authentication: Authentication;
  readonly #onFrame = (frame: Buffer): void => this.#frame(frame);
  /** Frames that wait while nothing is read. */
  readonly #held: Buffer[] = [];
  readonly traffic: ConnectionTraffic = new ConnectionTraffic();
  #phase: Phase = { name: "silent", probe: new WordProbe() };

  constructor(host: ConnectionHost, stream: ServerStream) {
    this.#host = host;
    this.#stream = stream;
    this.#outbox = new Outbox(stream, host.conditions, () => this.#goOn());
    this.#decoder = new FrameDecoder({ maxFrameBytes: host.options.maxRequestBytes });
    this.#authentication = new Authentication(host, stream.remoteAddress);
    host.silent.touch(this, host.options.handshakeTimeoutMs);
    if (host.conditions.isFrozen) stream.pause();
  }

  get remote(): string {
    return `${this.#stream.remoteAddress}:${this.#stream.remotePort}`;
  }

  get session(): Session | undefined {
    return this.#phase.name === "serving" ? this.#phase.caller.session : undefined;
  }

  get sessionId(): bigint {
    return this.session?.id ?? 0n;
  }

  data(chunk: Uint8Array): void {
    const phase = this.#phase;
    try {
      if (phase.name === "serving") this.#decoder.push(chunk, this.#onFrame);
      else if (phase.name === "silent") this.#firstBytes(phase.probe, chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.drop(this.#phase.name === "silent" ? "handshake" : "garbage");
    }
  }

  drain(): void {
    this.#goOn();
  }

  close(): void {
    this.#left("closed");
    this.#outbox.close();
    this.#host.gone(this);
  }

  notify(type: WatchEventType, path: string, acl: readonly Acl[] = []): void {
    if (this.#phase.name !== "serving") return;
    if (!this.#host.state.access.permits(acl, Permission.read, this.#authentication.identities)) return;
    if (this.#outbox.queuedBytes > this.#host.options.maxQueuedBytes) return this.drop("slow-reader");
    this.#send((writer) => {
      writer.int(Xid.notification);
      writer.long(-1n);
      writer.int(0);
      writer.int(eventTypes[type]);
      writer.int(connected);
      writer.string(path);
    });
  }

  /** What has been said goes out as far as the client takes it at once. */
  drop(reason: DropReason): void {
    const isStuck = this.#outbox.queuedBytes > highWaterBytes;
    this.#outbox.flush();
    this.#left(reason === "expired" && isStuck ? "slow-reader" : reason);
    this.#outbox.close();
    this.#host.gone(this);
  }

  thaw(): void {
    if (this.#phase.name === "over") return;
    this.#outbox.flush();
    if (this.#held.length === 0) this.#stream.resume();
    this.#goOn();
  }

  freeze(): void {
    this.#stream.pause();
  }

  #firstBytes(probe: WordProbe, chunk: Uint8Array): void {
    const seen = probe.push(chunk);
    if (seen === undefined) return;
    const word = this.#host.fourLetterWord(seen.word);
    if (word === undefined) return this.#decoder.push(seen.bytes, this.#onFrame);
    this.traffic.received++;
    this.#host.traffic.received++;
    this.#stream.write(Buffer.from(word));
    this.#leave("closed");
  }

  #frame(frame: Buffer): void {
    if (this.#isBlocked || this.#held.length > 0) {
      if (this.#held.length === 0) this.#stream.pause();
      this.#held.push(Buffer.from(frame));
      return;
    }
    this.#handle(frame);
  }

  get #isBlocked(): boolean {
    return this.#host.conditions.isFrozen || this.#outbox.queuedBytes > highWaterBytes;
  }

  #goOn(): void {
    while (!this.#isBlocked) {
      const frame = this.#held.shift();
      if (frame === undefined) return;
      if (this.#held.length === 0) this.#stream.resume();
      try {
        this.#handle(frame);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        return this.drop("garbage");
      }
    }
  }

  #handle(frame: Buffer): void {
    this.traffic.received++;
    this.#host.traffic.received++;
    const phase = this.#phase;
    if (phase.name === "silent") this.#open(frame);
    else if (phase.name === "serving") this.#request(phase.caller, new Reader(frame));
  }

  #open(frame: Buffer): void {
    const handshake = shakeHands(frame, this.#host, this);
    if (handshake.kind === "refused") return this.drop("refused");
    this.#send((writer) => handshake.reply(writer));
    if (handshake.kind === "expired") return this.#leave("expired");
    this.#host.silent.remove(this);
    const { identities } = this.#authentication;
    this.#phase = { name: "serving", caller: { session: handshake.session, identities, watcher: this } };
  }

  #request(caller: Caller, reader: Reader): void {
    const xid = reader.int();
    const type = reader.int();
    if (type === OpCode.auth) return this.#authAnswered(xid, this.#authentication.authenticate(reader));
    if (type === OpCode.sasl) return this.#authAnswered(xid, this.#authentication.converse(reader));
    if (!this.#authentication.isSufficient) {
      return this.#authAnswered(xid, { err: ErrorCode.SESSION_CLOSED_REQUIRE_SASL_AUTH });
    }
    this.#host.state.sessions.touch(caller.session);
    this.#answered(xid, answer(this.#host, caller, type, reader));
  }

  #authAnswered(xid: number, { err, token }: AuthAnswer): void {
    this.#send((writer) => {
      writer.int(xid);
      writer.long(0n);
      writer.int(err);
      if (token !== undefined) SetSaslResponse.write(writer, { token });
    });
    if (err !== 0) this.#leave("auth");
  }

  #answered(xid: number, answered: Answer): void {
    if (answered.kind === "silence") return;
    if (answered.kind === "lost") return this.#leave("lever");
    const { operation, zxid, err, write, drop } = answered;
    this.#send((writer) => {
      writer.int(xid);
      writer.long(zxid);
      writer.int(err);
      write(writer);
    });
    this.traffic.replied(lastOperation(operation, err), xid, zxid);
    if (drop !== undefined) this.#leave(drop);
  }

  #send(write: (writer: Writer) => void): void {
    this.traffic.sent++;
    this.#host.traffic.sent++;
    this.#outbox.add(write);
  }

  /** Hangs up behind what has been said. */
  #leave(reason: DropReason): void {
    this.#left(reason);
    this.#phase = { name: "leaving" };
    // A client that takes none of it is not waited for.
    this.#host.silent.touch(this, this.#host.options.handshakeTimeoutMs);
    this.#outbox.end();
  }

  #left(reason: DropReason): void {
    const phase = this.#phase;
    this.#phase = { name: "over" };
    this.#held.length = 0;
    this.#host.silent.remove(this);
    if (phase.name === "serving") {
      const { session } = phase.caller;
      if (session.connection === this) session.connection = undefined;
      this.#host.state.watches.removeAllOf(this);
    }
    if (phase.name === "serving" || phase.name === "silent") this.#host.left(reason);
  }
}

/** State of the connection, in every event of a server. */
const connected = 3;
const eventTypes: Readonly<Record<WatchEventType, number>> = {
  created: 1,
  deleted: 2,
  dataChanged: 3,
  childrenChanged: 4,
};
