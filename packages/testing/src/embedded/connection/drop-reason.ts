/**
 * Why the server let go of a connection. `garbage`: bytes that are no frame; `handshake`: a first frame that asks for nothing a server
 * can give; `malformed-request`: a frame that is no request; `slow-reader`: answers or events nobody takes; `half-open`: no handshake in
 * time; `auth`: refused credentials; `refused`: a handshake this server cannot serve; `expired`: the session ended; `moved`: the session
 * came back over another connection; `closed`: by the client's wish; `lever`: by a test's.
 */
export type DropReason =
  | "garbage"
  | "handshake"
  | "malformed-request"
  | "slow-reader"
  | "half-open"
  | "auth"
  | "refused"
  | "expired"
  | "moved"
  | "closed"
  | "lever";

const none: Readonly<Record<DropReason, number>> = {
  garbage: 0,
  handshake: 0,
  "malformed-request": 0,
  "slow-reader": 0,
  "half-open": 0,
  auth: 0,
  refused: 0,
  expired: 0,
  moved: 0,
  closed: 0,
  lever: 0,
};

/** How many connections went why. */
export class DropCounts {
  readonly #counts: Record<DropReason, number> = { ...none };

  count(reason: DropReason): void {
    this.#counts[reason]++;
  }

  get all(): Readonly<Record<DropReason, number>> {
    return { ...this.#counts };
  }
}
