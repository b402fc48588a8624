import { type Client, ClosedError, InvalidArgumentError } from "@quorate/core";
import { type Bounds, validatePath } from "@quorate/core/recipe";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Codec, CodecName, CodecValue } from "../codecs/codec.ts";
import { loadCodec } from "../codecs/load-codec.ts";
import type { ConfigSnapshotError } from "../errors.ts";
import { HistoryStore } from "../history/history-store.ts";
import { historyPathOf } from "../history/layout.ts";
import { type KeptVersion, keptVersions, planRollback, type VersionReference } from "../history/versions.ts";
import { type ConfigEvents, Keeper } from "../publication/keeper.ts";
import type { InvalidConfig } from "../publication/origin.ts";
import { published } from "../publication/publication.ts";
import { checkedSchema, Format } from "../schema/format.ts";
import type { ConfigVersion, NodeOrigin } from "./config-version.ts";
import { candidateOf, missingOrigin, nodesIn, originOf, snapshotCandidate } from "./node-source.ts";
import {
  checkedHistory,
  checkedOpening,
  type HistorySettings,
  type WatcherOptions,
  type WithoutSchema,
  type WithSchema,
} from "./options.ts";
import { PlainStore } from "./plain-store.ts";
import { planSet, planUpdate } from "./plans.ts";
import type { Base } from "./store.ts";
import { type Plan, Writer } from "./writer.ts";

export interface SetOptions extends Bounds {
  /** Only if the znode still has this version. Default: whatever it has. */
  readonly ifVersion?: number | undefined;
}

interface Parts<Value> {
  readonly client: Client;
  readonly path: string;
  readonly format: Format<Value>;
  readonly keeper: Keeper<Value, NodeOrigin>;
  /** The default's bytes. */
  readonly standIn: Uint8Array | undefined;
  readonly author: string | undefined;
  readonly history: HistoryStore | undefined;
  readonly plain: PlainStore;
}

/**
 * One znode as a typed, validated value that is always there and follows the server. A change that cannot be decoded or does not fit the schema
 * never reaches the application: the last good value stays and `invalid` tells of it.
 */
export class ConfigWatcher<Value = unknown, Input = Value> implements AsyncDisposable {
  readonly path: string;
  readonly #parts: Parts<Value>;

  private constructor(parts: Parts<Value>) {
    this.path = parts.path;
    this.#parts = parts;
  }

  /**
   * Resolves with the first value: of the znode; the default if there is no znode, or nothing in it; or of the snapshot file if ZooKeeper is
   * away. Without a default a missing znode is waited for.
   *
   * @throws InvalidArgumentError; MissingPackageError if the codec's package is not installed; ConfigInvalidError if the znode, or the
   *   default, is invalid and there is no snapshot to fall back to; NoAuthError; TimeoutError, AbortedError; ClosedError
   */
  static open<Schema extends StandardSchemaV1>(
    client: Client,
    path: string,
    options: WatcherOptions & WithSchema<Schema>,
  ): Promise<ConfigWatcher<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>>>;
  static open<C extends CodecName | Codec<never> | Codec = "json">(
    client: Client,
    path: string,
    options?: WatcherOptions<C> & WithoutSchema<CodecValue<C>>,
  ): Promise<ConfigWatcher<CodecValue<C>>>;
  static async open(
    client: Client,
    path: string,
    options: WatcherOptions & { readonly schema?: StandardSchemaV1 | undefined; readonly default?: unknown } = {},
  ): Promise<ConfigWatcher> {
    const subject = { op: "open", path };
    const { snapshotFile, snapshotAfterMs } = checkedOpening(path, options);
    const history = checkedHistory(path, options.history);
    const schema = checkedSchema(options.schema, subject);
    const format = new Format<unknown>(await loadCodec(options.codec ?? "json", subject), schema);
    const standIn = options.default === undefined ? undefined : await format.write(options.default, subject);

    const head = history && headOf(path, history);
    const { author, acl } = options;
    const keeper: Keeper<unknown, NodeOrigin> = new Keeper<unknown, NodeOrigin>({
      client,
      binding: { kind: "node", paths: [path], codec: format.codec.name },
      snapshotFile,
      openCaches: (signal) =>
        Promise.all(
          [path, ...(head === undefined ? [] : [head])].map((at) => client.cache(at, { mode: "node", signal })),
        ),
      // The znode and its history are written as one.
      needsSettled: head !== undefined,
      candidate: () => {
        const [node, headNode] = nodesIn(keeper.caches);
        return candidateOf(format, node, headNode);
      },
      fromSnapshot: (snapshot, ageMs) => snapshotCandidate(format, snapshot, ageMs),
      standIn: standIn && { value: standIn.value, from: missingOrigin },
    });
    const { signal, timeoutMs } = options;
    await keeper.open({ signal, timeoutMs }, snapshotAfterMs);
    return new ConfigWatcher({
      client,
      path,
      format,
      keeper,
      standIn: standIn?.data,
      author,
      history: history && new HistoryStore(client, { path, acl, head: head as string, keep: history.keep, author }),
      plain: new PlainStore(client, { path, acl }),
    });
  }

  /** The newest good value. Still there after `close()`. */
  get value(): Value {
    return this.version.value;
  }

  /** The newest good value with where it is from. */
  get version(): ConfigVersion<Value> {
    return this.#parts.keeper.version;
  }

  /** What is at the server instead, while that is invalid. */
  get invalid(): InvalidConfig | undefined {
    return this.#parts.keeper.invalid;
  }

  /** Whether there is no znode, or nothing in it, as far as is known. */
  get missing(): boolean {
    return this.#parts.keeper.isMissing;
  }

  /**
   * Whether the value may be out of date by more than what is on its way just now: it is from the snapshot file, no server is connected, or
   * what was missed meanwhile is still being looked at.
   */
  get stale(): boolean {
    return this.#parts.keeper.isStale;
  }

  /** Since the value was last known to be the newest, milliseconds; 0 while it is not stale. */
  get ageMs(): number {
    return this.#parts.keeper.ageMs;
  }

  /** Why the snapshot file was not used, or not written, the last time that happened. */
  get snapshotError(): ConfigSnapshotError | undefined {
    return this.#parts.keeper.snapshotError;
  }

  /**
   * The version now and each newer one. A slow reader misses what was overtaken and always gets the newest. Finishes when `signal` aborts, at
   * `close()` and when the client is closed; throws if the servers refused to go on.
   */
  watch(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<ConfigVersion<Value>, void, undefined> {
    return this.#parts.keeper.watch(options.signal);
  }

  /** @returns takes the listener off again, as `off()` does */
  on<Type extends keyof ConfigEvents<ConfigVersion<Value>>>(
    type: Type,
    listener: (event: ConfigEvents<ConfigVersion<Value>>[Type]) => void,
  ): () => void {
    return this.#parts.keeper.events.on(type, listener);
  }

  off<Type extends keyof ConfigEvents<ConfigVersion<Value>>>(
    type: Type,
    listener: (event: ConfigEvents<ConfigVersion<Value>>[Type]) => void,
  ): void {
    this.#parts.keeper.events.off(type, listener);
  }

  /**
   * Changes the value: `change` gets a copy of the newest to change, or returns another one in its place. Called again for a newer value if
   * someone else wrote in between, until nobody did, so it has no other effects. What it leaves as it was is not written. When this resolves,
   * `value` is what was written or something newer.
   *
   * @throws ConfigInvalidError if the new value does not fit, before anything is written, or if what is stored does not: `set()` replaces
   *   that; NoNodeError if there is no znode and no default; what `change` throws; TimeoutError, AbortedError; ConnectionLossError with
   *   `outcome: "unknown"` if the answer was lost and nothing tells what became of it; NoAuthError, TooLargeError; ClosedError
   */
  async update(
    change: (draft: Value) => Input | void | Promise<Input | void>,
    bounds: Bounds = {},
  ): Promise<ConfigVersion<Value>> {
    const { format, standIn } = this.#parts;
    return this.#write("update", bounds, planUpdate(this.path, format, standIn, change), true);
  }

  /**
   * Replaces the value, making the znode and its parents if there are none.
   *
   * @throws as `update()`; BadVersionError, NoNodeError if `ifVersion` is not the znode's version
   */
  async set(value: Input, { ifVersion, ...bounds }: SetOptions = {}): Promise<ConfigVersion<Value>> {
    const { format, client } = this.#parts;
    this.#assertOpen("set");
    if (ifVersion !== undefined && !(Number.isInteger(ifVersion) && ifVersion >= 0)) {
      throw new InvalidArgumentError(`ifVersion ${String(ifVersion)} is not a whole number from 0 up`, {
        op: "set",
        path: this.path,
      });
    }
    const written = await format.write(value, { op: "set", path: this.path });
    return this.#write("set", bounds, planSet(client, this.path, written, ifVersion), ifVersion === undefined);
  }

  /** The versions that are kept, newest first, the present one included. Needs the option `history`. */
  async history(bounds: Bounds = {}): Promise<KeptVersion<Value>[]> {
    return keptVersions(this.#history("history"), this.#parts.format, this.path, bounds);
  }

  /**
   * Writes the bytes of an earlier version again, as a new version. Needs the option `history`.
   *
   * @param version a znode version (the newest that is kept with this number), a mzxid, or one of `history()`
   * @throws VersionNotKeptError; ConfigInvalidError if it does not fit the schema any more; as `update()`
   */
  async rollback(version: VersionReference, bounds: Bounds = {}): Promise<ConfigVersion<Value>> {
    const history = this.#history("rollback");
    this.#assertOpen("rollback");
    const plan = planRollback(history, this.#parts.format, this.path, version);
    const writer = new Writer<Value, Awaited<ReturnType<HistoryStore["load"]>>>(history, this.path);
    return this.#finished(await writer.write("rollback", bounds, plan), bounds);
  }

  /** Follows no longer. What is being written goes on; the snapshot is written to the end. Idempotent; never rejects. */
  close(): Promise<void> {
    return this.#parts.keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(
    op: string,
    bounds: Bounds,
    plan: (base: Base, bounds: Bounds) => Promise<Plan<Value>>,
    mayUseCache: boolean,
  ): Promise<ConfigVersion<Value>> {
    this.#assertOpen(op);
    const { history, plain, keeper } = this.#parts;
    if (history !== undefined) {
      return this.#finished(
        await new Writer<Value, Awaited<ReturnType<HistoryStore["load"]>>>(history, this.path).write(op, bounds, plan),
        bounds,
      );
    }
    const [node] = nodesIn(keeper.caches);
    const first = mayUseCache && !keeper.isStale ? { node } : undefined;
    return this.#finished(await new Writer<Value, Base>(plain, this.path).write(op, bounds, plan, first), bounds);
  }

  async #finished(
    { value, stat }: { readonly value: Value; readonly stat: Parameters<typeof originOf>[0] },
    { signal }: Bounds,
  ): Promise<ConfigVersion<Value>> {
    const { keeper, history, author } = this.#parts;
    await keeper.caughtUp(signal);
    return published(value, originOf(stat, history && author));
  }

  #assertOpen(op: string): void {
    const { client, keeper } = this.#parts;
    if (keeper.isEnded || client.state === "closed") {
      throw new ClosedError(`${op} ${this.path}: closed`, { op, path: this.path, outcome: "not-applied" });
    }
  }

  #history(op: string): HistoryStore {
    const { history } = this.#parts;
    if (history !== undefined) return history;
    throw new InvalidArgumentError(`${op} ${this.path}: opened without history`, { op, path: this.path });
  }
}

function headOf(path: string, { path: place = historyPathOf(path) }: HistorySettings): string {
  validatePath(place, "open");
  return place;
}
