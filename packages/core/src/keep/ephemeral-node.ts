import { type Bounds, within } from "../bounds/bounded.ts";
import type { Client } from "../client/client.ts";
import { ClosedError } from "../errors/client-errors.ts";
import { bytesOf, type Data } from "../operations/data.ts";
import { nodeName } from "../paths/path.ts";
import { isFinalRefusal } from "../recipe/final-refusal.ts";
import { type Creation, creationOf, type KeepOptions } from "./keep-options.ts";
import { Keeper } from "./keeper.ts";
import type { NodeState } from "./node-state.ts";

/**
 * A node that is there as long as this process wants: made again after the session was lost and after someone deleted it, with the newest
 * data. The same session coming back after a broken connection touches nothing, so that nobody who watches sees a change. The layout is
 * that of Curator's `PersistentNode`: the path itself.
 */
export class EphemeralNode implements AsyncDisposable {
  /** As asked for: in sequential mode the path in `state` has the rest of the name. */
  readonly path: string;
  readonly #keeper: Keeper;

  private constructor(keeper: Keeper, path: string) {
    this.path = path;
    this.#keeper = keeper;
  }

  /**
   * Resolves when the node is there, or when the health check holds it back. Missing parents are made, as containers. If a node of another
   * session is there, left by a process that went, it is replaced; a persistent one is not. If the call rejects, whatever the reason, no
   * node is left: it is removed in the background, at the latest by the end of the session.
   *
   * @throws InvalidArgumentError; NodeExistsError if a persistent node has the path; NoAuthError and other refusals that will not pass;
   *   TimeoutError, AbortedError by the bounds; ClosedError
   */
  static async keep(
    client: Client,
    path: string,
    data: Data = null,
    options: KeepOptions = {},
  ): Promise<EphemeralNode> {
    const creation: Creation = creationOf(path, data, options);
    const { signal, timeoutMs, healthCheck } = options;
    const keep = async (inner: Bounds): Promise<EphemeralNode> => {
      const node = new EphemeralNode(new Keeper(client, creation, data, healthCheck), path);
      for await (const state of node.states({ signal: inner.signal })) {
        if (state.kind === "present" || (state.kind === "absent" && state.reason === "unhealthy")) return node;
        const refusal = refusalIn(state);
        if (refusal === undefined) continue;
        await node.close();
        throw refusal;
      }
      void node.close();
      throw inner.signal?.reason ?? new ClosedError(`keep ${path}: the client was closed`, { op: "keep", path });
    };
    return within({ signal, timeoutMs }, { op: "keep", path }, keep, (node) => void node.close());
  }

  /** The last component of the path; in a group the member's id. */
  get name(): string {
    return nodeName(this.path);
  }

  /** What the node holds, or will as soon as it can. */
  get data(): Data {
    return this.#keeper.data;
  }

  get state(): NodeState {
    return this.#keeper.state.value;
  }

  /**
   * Whether the node is there for certain. Looks at the clock itself: false from the session's local deadline on, even if the event loop
   * was blocked or the process frozen, and no state has changed yet.
   */
  get isPresent(): boolean {
    return this.#keeper.isPresent;
  }

  /** The state now and every newer one; a slow reader misses what was overtaken. Finishes after `closed` or when `signal` aborts. */
  states(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<NodeState, void, undefined> {
    return this.#keeper.state.follow(options.signal);
  }

  /**
   * Changes the data, now and for every time the node is made again. Resolves when the servers have it. It stays wanted when a bound is hit:
   * while there is no connection, or no node, it is applied as soon as there is one.
   *
   * @throws InvalidArgumentError; TooLargeError, NoAuthError: the data is given up; TimeoutError, AbortedError; ClosedError
   */
  async set(data: Data, bounds: Bounds = {}): Promise<void> {
    const subject = { op: "set", path: this.path };
    bytesOf(data, subject);
    const closed = new ClosedError(`set ${this.path}: the node is not kept any more`, subject);
    if (this.state.kind === "closed") throw closed;
    const wanted = this.#keeper.want(data);
    await within(bounds, subject, async ({ signal }) => {
      for await (const { revision, error } of this.#keeper.written.follow(signal)) {
        if (revision < wanted) continue;
        if (revision === wanted && error !== undefined) throw error;
        return;
      }
      throw closed;
    });
  }

  /**
   * Removes the node and keeps it no longer. Idempotent; never rejects. Waits for a connection if there is none, at most until the session
   * has ended, which removes the node too; a container or TTL node then stays to the servers. So does one that has children.
   */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  /** Keeps it no longer, and leaves it as it is: an ephemeral node goes with its session. Idempotent; never rejects. */
  leave(): Promise<void> {
    return this.#keeper.close({ isLeft: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** What will not pass by itself. */
function refusalIn(state: NodeState): Error | undefined {
  if (state.kind !== "absent" || state.error === undefined) return undefined;
  return state.reason === "occupied" || isFinalRefusal(state.error) ? state.error : undefined;
}
