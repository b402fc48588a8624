import { InvalidArgumentError } from "@quorate/core";
import type { Operation } from "@quorate/protocol";
import type { Binding, Handle } from "../binding/binding.ts";
import { ask } from "./ask.ts";

export interface CClientEvents {
  /** It has taken the server's answer to its handshake. */
  connected(): void;
  /** It has given its connection up by itself. */
  lost(cause: Error): void;
}

export interface SessionTicket {
  readonly sessionId: bigint;
  readonly passwd: Uint8Array | null;
}

/**
 * How many reads without a complete answer the binding takes before it closes its own, healthy session. Its default of 10 is less than
 * what one large answer needs.
 */
const enoughReads = 1_000_000;
const connectedState = 3;
/** The C client's code for a request to one that has no connection. */
const notStarted = -9;

/**
 * One C client, for one connection: what has lost its connection, or was closed, is never used again. Nothing is called back after
 * `dispose()`.
 *
 * Its watches are those without a function of their own: the binding keeps every such function for ever, ends the process when one serves
 * two clients, and calls them for disconnects too.
 */
export class CClient {
  readonly #binding: Binding;
  readonly #events: CClientEvents;
  /** For every answer: the relay has read it already. */
  readonly #ignore = (): void => {};
  /** Undefined before `start()`. */
  #handle: Handle | undefined;
  #disposed = false;
  /** Its state still says "connected" while it tells of that. */
  #isLost = false;
  #closed = false;

  constructor(binding: Binding, events: CClientEvents) {
    this.#binding = binding;
    this.#events = events;
  }

  /** Starts to connect to a port of this machine: a number, as names would be looked up while everything waits. */
  start(port: number, timeoutMs: number, session: SessionTicket | undefined): void {
    const handle = new this.#binding();
    this.#handle = handle;
    handle.emit = (event, _handle, detail) => this.#emitted(event, detail);
    handle.init({
      connect: `127.0.0.1:${port}`,
      timeout: timeoutMs,
      debug_level: 0,
      host_order_deterministic: false,
      response_counter_limit: enoughReads,
      ...(session === undefined
        ? {}
        : {
            client_id: BigInt.asUintN(64, session.sessionId).toString(16),
            client_password: Buffer.from(session.passwd ?? [])
              .toString("hex")
              .toUpperCase(),
          }),
    });
    // It returns as if nothing had happened when it cannot even begin.
    if (handle.state === 0 && !this.#disposed) this.#events.lost(new Error("the C client could not be started"));
  }

  /** @returns 0, or the code of a refusal: then nothing is sent */
  ask(operation: Operation): number {
    return this.#handle === undefined ? notStarted : ask(this.#handle, operation, this.#ignore);
  }

  /**
   * @returns as `ask()`
   * @throws InvalidArgumentError on a credential that is no text: the binding takes no bytes
   */
  addAuth(scheme: string, credential: Uint8Array): number {
    const text = Buffer.from(credential).toString("utf8");
    if (!Buffer.from(text).equals(credential)) {
      throw new InvalidArgumentError("the native driver presents credentials that are UTF-8 text only", {
        op: "addAuth",
      });
    }
    return this.#handle?.add_auth(scheme, text, this.#ignore) ?? notStarted;
  }

  /**
   * Lets go of it. Its `close` blocks the process for up to 3 s while it is connected, and ends it when called from within a callback: so
   * it waits for the end of its connection, which the caller has cut, and for the next turn of the event loop.
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#isLost || this.#handle?.state !== connectedState) this.#closeSoon();
  }

  #emitted(event: string, detail: unknown): void {
    if (event === "close") {
      this.#closed = true;
      if (!this.#disposed) this.#events.lost(new Error(`the C client closed itself with code ${String(detail)}`));
    } else if (event === "connecting") {
      this.#isLost = true;
      if (this.#disposed) this.#closeSoon();
      else this.#events.lost(new Error("the C client gave its connection up"));
    } else if (event === "connect" && !this.#disposed) {
      this.#events.connected();
    }
  }

  #closeSoon(): void {
    setImmediate(() => {
      if (this.#closed) return;
      this.#closed = true;
      this.#handle?.close();
    });
  }
}
