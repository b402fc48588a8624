import type { Stat } from "@quorate/protocol";
import { Bell } from "../bounds/bell.ts";
import { clampDelay } from "../bounds/bounded.ts";
import { Latest } from "../bounds/latest.ts";
import { onAbort } from "../bounds/on-abort.ts";
import type { Client } from "../client/client.ts";
import { ClosedError, ConnectionLossError, SessionExpiredError } from "../errors/client-errors.ts";
import { NotEmptyError } from "../errors/server-errors.ts";
import type { Data } from "../operations/data.ts";
import { isFinalRefusal } from "../recipe/final-refusal.ts";
import { pause } from "../recipe/pause.ts";
import { watchOnce } from "../recipe/watch-once.ts";
import type { Session } from "../session/session.ts";
import { appear } from "./appear.ts";
import { type HealthCheck, HealthGate } from "./health-check.ts";
import { type Creation, isSessionBound } from "./keep-options.ts";
import type { NodeState } from "./node-state.ts";
import { type OwnNode, removeOwn, writeOwn } from "./own-node.ts";

/** Before a refused node is tried again, milliseconds. */
const retryDelayMs = 500;

/** How the newest data fared that was written, or could not be. */
interface Written {
  readonly revision: number;
  readonly error?: Error;
}

/**
 * Brings one node into the state that is wanted, session after session: there while healthy and not closed, with the newest data. One loop
 * does everything; whatever happens rings its bell, and it looks what there is to do.
 */
export class Keeper {
  readonly state: Latest<NodeState> = new Latest<NodeState>({ kind: "absent", reason: "starting" });
  readonly written: Latest<Written> = new Latest<Written>({ revision: 0 });
  readonly #client: Client;
  readonly #creation: Creation;
  readonly #gate: HealthGate | undefined;
  readonly #bell = new Bell();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** Sessions of this process whose nodes may still be dying. */
  readonly #ownSessions = new Set<bigint>();
  #node: OwnNode | undefined;
  #wanted: { readonly data: Data; readonly revision: number };
  /** What the servers last took. */
  #accepted: Data;
  #wasThere = false;
  #touchTimer: ReturnType<typeof setTimeout> | undefined;
  #isTouchDue = false;
  #isLeft = false;

  /** @throws InvalidArgumentError */
  constructor(client: Client, creation: Creation, data: Data, healthCheck: HealthCheck | undefined) {
    this.#client = client;
    this.#creation = creation;
    this.#wanted = { data, revision: 0 };
    this.#accepted = data;
    this.#gate = healthCheck && new HealthGate(healthCheck, () => this.#bell.ring());
    this.#ended = this.#run();
  }

  get data(): Data {
    return this.#wanted.data;
  }

  /** Whether it is there for certain. Looks at the clock itself. */
  get isPresent(): boolean {
    if (this.state.value.kind !== "present") return false;
    return !isSessionBound(this.#creation) || performance.now() < (this.#node?.session.validUntil ?? 0);
  }

  /** @returns the revision to wait for in `written` */
  want(data: Data): number {
    const revision = this.#wanted.revision + 1;
    this.#wanted = { data, revision };
    this.#bell.ring();
    return revision;
  }

  /** @param isLeft whether the node stays */
  close({ isLeft = false }: { readonly isLeft?: boolean } = {}): Promise<void> {
    this.#isLeft ||= isLeft;
    this.#stop.abort();
    this.#bell.ring();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && this.#client.state !== "closed") {
      try {
        const session = await this.#client.whenConnected({ signal });
        await this.#liveIn(session);
      } catch (error) {
        await this.#failed(error as Error);
      }
    }
    this.#gate?.stop();
    this.#enter({ kind: "closed" });
    this.state.end();
    this.written.end();
  }

  /** Resolves when it was closed. Throws the session's end, or what the server refused. */
  async #liveIn(session: Session): Promise<void> {
    const ring = (): void => this.#bell.ring();
    const unfollow = onAbort(session.signal, ring);
    this.#ownSessions.add(session.id);
    if (this.#node?.session !== session) this.#node = undefined;
    try {
      for (;;) {
        session.signal.throwIfAborted();
        if (this.#stop.signal.aborted || this.#gate?.isHealthy === false) {
          const isLeft = this.#stop.signal.aborted && this.#isLeft;
          if (this.#node !== undefined && !isLeft) await this.#withdraw(this.#node);
          if (this.#stop.signal.aborted) return;
          this.#enter({ kind: "absent", reason: "unhealthy" });
          await this.#bell.heard();
        } else if (this.#node !== undefined) {
          await this.#stay(this.#node);
        } else if (this.#gate !== undefined && this.#gate.isHealthy === undefined) {
          await this.#bell.heard();
        } else {
          await this.#appear(session);
        }
      }
    } finally {
      unfollow();
      clearTimeout(this.#touchTimer);
    }
  }

  /** Makes the node, or waits while something else is at the path. */
  async #appear(session: Session): Promise<void> {
    const { data, revision } = this.#wanted;
    const appearance = await appear(session, this.#creation, data, (stat) => this.#mayReplace(stat));
    if (appearance.kind === "occupied") {
      const { stat, error } = appearance;
      // Someone's session will end; other nodes stay until someone removes them.
      this.#enter({ kind: "absent", reason: "occupied", error: stat.ephemeralOwner === 0n ? error : undefined });
      await this.#waitWhile(session, this.#creation.path, stat.czxid);
      return;
    }
    const { path, stat } = appearance;
    this.#node = { session, path, czxid: stat.czxid };
    this.#wasThere = true;
    // What was adopted may have been made with older data.
    this.#isTouchDue = appearance.isAdopted;
    if (!appearance.isAdopted) {
      this.#accepted = data;
      this.#wrote({ revision });
    }
    this.#touchLater();
    this.#enter({ kind: "present", path, czxid: stat.czxid });
  }

  /** Does what there is to do for a node that is there, or waits until there is. */
  async #stay(node: OwnNode): Promise<void> {
    const isStale = this.#wanted.revision > this.written.value.revision;
    const isThere =
      isStale || this.#isTouchDue
        ? await this.#write(node)
        : await this.#waitWhile(node.session, node.path, node.czxid);
    if (isThere) return;
    this.#node = undefined;
    this.#enter({ kind: "absent", reason: "deleted" });
  }

  /** Waits for the bell while the path holds the znode with this czxid. @returns false if it does not */
  async #waitWhile(session: Session, path: string, czxid: bigint): Promise<boolean> {
    const { reply, cancel } = watchOnce(session, { kind: "exists", path }, () => this.#bell.ring());
    try {
      const found = await reply;
      // A znode deleted and made again while nobody could see it is another one.
      if (found?.stat.czxid !== czxid) return false;
      await this.#bell.heard();
    } catch (error) {
      if (!(error instanceof ConnectionLossError)) throw error;
      await session.whenConnected();
    } finally {
      cancel();
    }
    return true;
  }

  /** @returns false if the node is gone */
  async #write(node: OwnNode): Promise<boolean> {
    const { data, revision } = this.#wanted;
    try {
      if (!(await writeOwn(node, data))) return false;
      this.#isTouchDue = false;
      this.#accepted = data;
      this.#wrote({ revision });
    } catch (error) {
      if (!isFinalRefusal(error)) throw error;
      this.#isTouchDue = false;
      // Or the next session could not make the node at all.
      if (this.#wanted.revision === revision) this.#wanted = { data: this.#accepted, revision };
      this.#wrote({ revision, error: error as Error });
    }
    this.#touchLater();
    return true;
  }

  #wrote(written: Written): void {
    if (written.revision > this.written.value.revision) this.written.set(written);
  }

  #touchLater(): void {
    const { ttlMs } = this.#creation;
    if (ttlMs === undefined) return;
    clearTimeout(this.#touchTimer);
    this.#touchTimer = setTimeout(
      () => {
        this.#isTouchDue = true;
        this.#bell.ring();
      },
      clampDelay(ttlMs / 3),
    );
    this.#touchTimer.unref();
  }

  /**
   * A znode of an earlier session of ours is dying. One found before we were ever there most likely is too: its process went, and this one
   * is here in its place. But any other came after ours, to replace it: two processes that were given the same path by mistake must not
   * take turns.
   */
  #mayReplace({ ephemeralOwner }: Stat): boolean {
    if (!isSessionBound(this.#creation) || ephemeralOwner === 0n) return false;
    return this.#ownSessions.has(ephemeralOwner) || !this.#wasThere;
  }

  async #withdraw(node: OwnNode): Promise<void> {
    await removeOwn(node).catch((error: unknown) => {
      // A container's, or a TTL node's, children are somebody else's: it stays with them.
      if (!(error instanceof NotEmptyError)) throw error;
    });
    this.#node = undefined;
  }

  async #failed(error: Error): Promise<void> {
    const { logger } = this.#client;
    const isSessionOver = error instanceof SessionExpiredError || error instanceof ClosedError;
    if (isSessionOver) {
      this.#node = undefined;
      const isGone = isSessionBound(this.#creation) && this.state.value.kind === "present";
      if (isGone) this.#enter({ kind: "absent", reason: "session-lost" });
      return;
    }
    logger.warn(`cannot keep ${this.#creation.path}; trying again`, { error });
    if (this.#node === undefined) this.#enter({ kind: "absent", reason: "refused", error });
    await pause(retryDelayMs, this.#stop.signal);
  }

  #enter(state: NodeState): void {
    if (!isSame(this.state.value, state)) this.state.set(state);
  }
}

function isSame(before: NodeState, after: NodeState): boolean {
  if (before.kind === "present") return after.kind === "present" && after.czxid === before.czxid;
  return (
    before.kind === "absent" &&
    after.kind === "absent" &&
    after.reason === before.reason &&
    after.error === before.error
  );
}
