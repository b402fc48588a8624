import { ConnectionLossError } from "../errors/client-errors.ts";
import { ServerError } from "../errors/server-errors.ts";
import type { Session } from "../session/session.ts";
import { watchOnce } from "./watch-once.ts";

/**
 * Tells when a znode is gone, be it already. The request that arms the watch leaves with whatever else is sent in this tick; it is armed
 * again after every other event, after connection loss and after a refusal. Nothing is told after the session ended: follow its signal.
 */
export class DeletionWatch {
  /** Called once. */
  onDeleted: () => void;
  readonly #session: Session;
  readonly #path: string;
  #isGone = false;
  #stopped = false;
  #cancel: () => void = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session, path: string, onDeleted: () => void) {
    this.#session = session;
    this.#path = path;
    this.onDeleted = onDeleted;
    this.#arm();
  }

  /** Whether the znode was found gone before the watch was stopped. True before `onDeleted` is called. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Stops and removes the watch at the server. */
  stop(): void {
    if (this.#stopped) return;
    this.abandon();
    this.#cancel();
  }

  /** Stops where the znode is about to be deleted, which uses up the watch at the server too. */
  abandon(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    if (this.#stopped) return;
    // `exists` needs no read permission and brings no data.
    const { reply, cancel } = watchOnce(this.#session, { kind: "exists", path: this.#path }, ({ type }) =>
      type === "deleted" ? this.#gone() : this.#arm(),
    );
    this.#cancel = cancel;
    reply.then(
      (found) => found ?? this.#gone(),
      (error: unknown) => {
        if (this.#stopped || this.#session.signal.aborted) return;
        if (error instanceof ConnectionLossError) this.#armWhenConnected();
        // A refusal of the moment, such as SESSION_MOVED or THROTTLED_OP: nothing else can be said of `exists`.
        else if (error instanceof ServerError) this.#timer = setTimeout(() => this.#armWhenConnected(), refusedPauseMs);
      },
    );
  }

  #armWhenConnected(): void {
    this.#session.whenConnected().then(
      () => this.#arm(),
      () => {},
    );
  }

  #gone(): void {
    if (this.#stopped) return;
    this.#isGone = true;
    this.stop();
    this.onDeleted();
  }
}

const refusedPauseMs = 500;
