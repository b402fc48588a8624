import type { Acl } from "@quorate/protocol";
import { type Bounds, within } from "../bounds/bounded.ts";
import { Caller, type CallerOptions } from "../operations/caller.ts";
import { ZnodeOperations } from "../operations/znode-operations.ts";
import type { Chroot } from "../paths/chroot.ts";
import type { SessionCore } from "./session-core.ts";

/**
 * One ZooKeeper session. Operations made through it are pinned to it: they are rejected once it ended and never replayed into the next one.
 */
export class Session extends ZnodeOperations {
  readonly id: bigint;
  /** Negotiated session timeout, milliseconds. */
  readonly negotiatedTimeoutMs: number;
  protected readonly caller: Caller;
  protected readonly defaultAcl: readonly Acl[];
  readonly #core: SessionCore;

  constructor(
    core: SessionCore,
    info: { readonly sessionId: bigint; readonly negotiatedTimeoutMs: number },
    options: Omit<CallerOptions, "outlivesSession"> & { readonly acl: readonly Acl[] },
  ) {
    super();
    this.id = info.sessionId;
    this.negotiatedTimeoutMs = info.negotiatedTimeoutMs;
    this.caller = new Caller(core, { ...options, outlivesSession: false });
    this.defaultAcl = options.acl;
    this.#core = core;
    cores.set(this, core);
  }

  /** How this client's paths map to the server's. */
  get chroot(): Chroot {
    return this.caller.chroot;
  }

  /** Aborts when the session ends: with SessionExpiredError by the server's word or the local deadline, ClosedError by `close()`. */
  get signal(): AbortSignal {
    return this.#core.signal;
  }

  /**
   * Up to when, by `performance.now()` in milliseconds, the session is certain to live: when the last acknowledged request was sent, plus
   * the negotiated timeout, less the margin. Moves on with every answer; once the session ended it stays at or before that moment.
   */
  get validUntil(): number {
    return this.#core.validUntil;
  }

  /** Whether a server is answering right now. */
  get connected(): boolean {
    return this.#core.connected;
  }

  /** Resolves at once while connected, else when a server serves the session again. Rejects once the session has ended. */
  whenConnected(bounds: Bounds = {}): Promise<void> {
    return within(bounds, { op: "whenConnected", outcome: () => "not-applied" }, ({ signal }) =>
      this.#core.whenConnected({ signal }),
    );
  }
}

const cores = new WeakMap<Session, SessionCore>();

/** The inside of a session, for recipes. */
export function coreOf(session: Session): SessionCore {
  return cores.get(session) as SessionCore;
}
