import { type Client, InvalidArgumentError } from "@quorate/core";
import { stoppable } from "@quorate/core/recipe";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Codec, CodecName } from "../codecs/codec.ts";
import { loadCodec } from "../codecs/load-codec.ts";
import type { ConfigSnapshotError } from "../errors.ts";
import { type ConfigEvents, Keeper } from "../publication/keeper.ts";
import { Listeners } from "../publication/listeners.ts";
import type { InvalidConfig } from "../publication/origin.ts";
import type { Published } from "../publication/publication.ts";
import type { ZnodeCache } from "../publication/znode-cache.ts";
import { checkedSchema, Format } from "../schema/format.ts";
import { checkedOpening, type OpenOptions } from "../watcher/options.ts";
import { changesBetween, type TreeChange } from "./changes.ts";
import { type TreeOrigin, TreeSource } from "./tree-source.ts";

export interface TreeOptions extends OpenOptions<CodecName | Codec> {
  /** Any Standard Schema, of the whole value. Default: any object will do. */
  readonly schema?: StandardSchemaV1 | undefined;
  /** The lowest layer: what the znodes go over. Without it opening waits while none of the roots is there. */
  readonly default?: object | undefined;
}

/** One version of a tree. */
export interface TreeVersion<Value> extends TreeOrigin {
  readonly value: Value;
  /** What is different from the version this reader, or listener, got before; nothing for the first. */
  readonly changes: readonly TreeChange[];
}

/** A subtree's value without a schema. */
export type TreeValue = Readonly<Record<string, unknown>>;

type Version<Value> = Published<Value, TreeOrigin>;

/**
 * A subtree as one nested, validated object that follows the server; of several subtrees, one over the other. A znode with children is an object
 * of them, any other is its data. What one transaction changed is seen at once, in all layers. A state that cannot be decoded or does not fit the
 * schema never reaches the application: the last good value stays as a whole and `invalid` tells of it.
 */
export class ConfigTree<Value = TreeValue> implements AsyncDisposable {
  /** The roots, each over the one before. */
  readonly paths: readonly string[];
  readonly #keeper: Keeper<Value, TreeOrigin>;
  readonly #events = new Listeners<ConfigEvents<TreeVersion<Value>>>();

  private constructor(paths: readonly string[], keeper: Keeper<Value, TreeOrigin>) {
    this.paths = paths;
    this.#keeper = keeper;
    let before = keeper.version;
    keeper.events.on("change", (version) => {
      const changed = versionAfter(before, version);
      before = version;
      if (changed !== undefined) this.#events.emit("change", changed);
    });
    for (const type of ["invalid", "missing", "snapshotError", "failed"] as const) {
      keeper.events.on(type, (event) => this.#events.emit(type, event as never));
    }
  }

  /**
   * Resolves with the first value; while ZooKeeper is away, with that of the snapshot file.
   *
   * @param path one root, or several from the lowest layer to the highest: global, service, instance. One that is missing adds nothing.
   * @throws as `ConfigWatcher.open()`
   */
  static open<Schema extends StandardSchemaV1>(
    client: Client,
    path: string | readonly string[],
    options: TreeOptions & { readonly schema: Schema },
  ): Promise<ConfigTree<StandardSchemaV1.InferOutput<Schema>>>;
  static open(client: Client, path: string | readonly string[], options?: TreeOptions): Promise<ConfigTree>;
  static async open(client: Client, path: string | readonly string[], options: TreeOptions = {}): Promise<ConfigTree> {
    const paths = typeof path === "string" ? [path] : [...path];
    const [first] = paths;
    if (first === undefined) throw new InvalidArgumentError("there is no path", { op: "open" });
    const subject = { op: "open", path: first };
    const openings = paths.map((one) => checkedOpening(one, options));
    const schema = checkedSchema(options.schema, subject);
    if (options.default !== undefined && (typeof options.default !== "object" || options.default === null)) {
      throw new InvalidArgumentError("default is no object", subject);
    }
    const format = new Format<TreeValue>(await loadCodec(options.codec ?? "json", subject), schema);
    const source = new TreeSource<TreeValue>(paths, format, options.default);
    const keeper: Keeper<TreeValue, TreeOrigin> = new Keeper<TreeValue, TreeOrigin>({
      client,
      binding: { kind: "tree", paths, codec: format.codec.name },
      snapshotFile: options.snapshotFile,
      openCaches: (signal) => openAll(client, paths, signal),
      needsSettled: true,
      candidate: () => source.candidateOf(keeper.caches),
      fromSnapshot: ({ nodes }, ageMs) => source.fromSnapshot(nodes, ageMs),
      standIn: undefined,
    });
    const { signal, timeoutMs } = options;
    await keeper.open({ signal, timeoutMs }, openings[0]?.snapshotAfterMs ?? 0);
    return new ConfigTree(paths, keeper);
  }

  /** The newest good value. It cannot be changed. Still there after `close()`. */
  get value(): Value {
    return this.#keeper.version.value;
  }

  /** The newest good value with where it is from. */
  get version(): Omit<TreeVersion<Value>, "changes"> {
    return this.#keeper.version;
  }

  /** What is at the server instead, while that is invalid. */
  get invalid(): InvalidConfig | undefined {
    return this.#keeper.invalid;
  }

  /** Whether none of the roots is there, as far as is known. */
  get missing(): boolean {
    return this.#keeper.isMissing;
  }

  /** As of a `ConfigWatcher`. */
  get stale(): boolean {
    return this.#keeper.isStale;
  }

  /** Since the value was last known to be the newest, milliseconds; 0 while it is not stale. */
  get ageMs(): number {
    return this.#keeper.ageMs;
  }

  /** Why the snapshot file was not used, or not written, the last time that happened. */
  get snapshotError(): ConfigSnapshotError | undefined {
    return this.#keeper.snapshotError;
  }

  /**
   * The version now and each newer one that differs from what was read before. A slow reader gets the newest, with all that has changed since.
   * Finishes when `signal` aborts, at `close()` and when the client is closed; throws if the servers refused to go on.
   */
  watch(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<TreeVersion<Value>, void, undefined> {
    return stoppable(options.signal, (signal) => this.#versions(signal));
  }

  /** @returns takes the listener off again, as `off()` does */
  on<Type extends keyof ConfigEvents<TreeVersion<Value>>>(
    type: Type,
    listener: (event: ConfigEvents<TreeVersion<Value>>[Type]) => void,
  ): () => void {
    return this.#events.on(type, listener);
  }

  off<Type extends keyof ConfigEvents<TreeVersion<Value>>>(
    type: Type,
    listener: (event: ConfigEvents<TreeVersion<Value>>[Type]) => void,
  ): void {
    this.#events.off(type, listener);
  }

  /** Follows no longer; the snapshot is written to the end. Idempotent; never rejects. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#versions(signal: AbortSignal): AsyncGenerator<TreeVersion<Value>, void, undefined> {
    let before: Version<Value> | undefined;
    for await (const version of this.#keeper.watch(signal)) {
      const changed = before === undefined ? { ...version, changes: [] } : versionAfter(before, version);
      if (changed === undefined) continue;
      before = version;
      yield changed;
    }
  }
}

/** Undefined if nothing is different but what a higher layer hides. */
function versionAfter<Value>(before: Version<Value>, version: Version<Value>): TreeVersion<Value> | undefined {
  const changes = changesBetween(before.value, version.value);
  return changes.length === 0 && before.stale === version.stale ? undefined : { ...version, changes };
}

async function openAll(client: Client, paths: readonly string[], signal: AbortSignal): Promise<readonly ZnodeCache[]> {
  return Promise.all(paths.map((path) => client.cache(path, { signal })));
}
