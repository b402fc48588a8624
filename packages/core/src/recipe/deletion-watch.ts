import { ConnectionLossError } from "../errors/client-errors.ts";
import type { Session } from "../session/session.ts";
import { watchOnce } from "./watch-once.ts";

/**
 * Tells when a znode is gone, be it already. The request that arms the watch leaves with whatever else is sent in this tick; it is armed
 * again after every other event and after connection loss. Nothing is told after the session ended: follow its signal.
 */
export class DeletionWatch {
  /** Called once. */
  onDeleted: () => void;
  readonly #session: Session;
  readonly #path: string;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(session: Session, path: string, onDeleted: () => void) {
    this.#session = session;
    this.#path = path;
    this.onDeleted = onDeleted;
    this.#arm();
  }

  /** Stops and removes the watch at the server. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel();
  }

  /** Stops where the znode is about to be deleted, which uses up the watch at the server too. */
  abandon(): void {
    this.#stopped = true;
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
        if (error instanceof ConnectionLossError) this.#armLater();
      },
    );
  }

  #armLater(): void {
    this.#session.whenConnected().then(
      () => this.#arm(),
      () => {},
    );
  }

  #gone(): void {
    if (this.#stopped) return;
    this.stop();
    this.onDeleted();
  }
}
