import { type Client, ClosedError, TimeoutError } from "@quorate/core";
import { type Bounds, bounded, Latest, onAbort, stoppable } from "@quorate/core/recipe";
import { ConfigInvalidError, type ConfigSnapshotError } from "../errors.ts";
import type { Invalid, Reading } from "../schema/format.ts";
import { SnapshotFile } from "../snapshot/snapshot-file.ts";
import type { Binding, Snapshot } from "../snapshot/snapshot-record.ts";
import { wallClockMs } from "../wall-clock.ts";
import { Listeners } from "./listeners.ts";
import type { InvalidConfig, Origin } from "./origin.ts";
import { type Candidate, Publication, type Published } from "./publication.ts";
import { allSettled, nextTurn } from "./views.ts";
import type { ZnodeCache } from "./znode-cache.ts";

/** What a configuration tells, by `on()`. */
export interface ConfigEvents<Version> {
  /** A new version; also the first from ZooKeeper after one from a snapshot. */
  readonly change: Version;
  /** A change that was kept from the application; the last good value stays. */
  readonly invalid: InvalidConfig;
  /** There is no znode any more, or nothing in it, and no default: the last good value stays. */
  readonly missing: { readonly path: string };
  /** The snapshot file could not be used or written. */
  readonly snapshotError: ConfigSnapshotError;
  /** The servers refused to go on (such as by an ACL): the last good value stays, and nothing newer comes. */
  readonly failed: Error;
}

/** What makes one kind of configuration of the caches' content. */
export interface KeeperOptions<Value, From extends Origin> {
  readonly client: Client;
  readonly binding: Binding;
  readonly snapshotFile: string | undefined;
  openCaches(signal: AbortSignal): Promise<readonly ZnodeCache[]>;
  /** Whether a view has to be of one moment. */
  readonly needsSettled: boolean;
  /** Of what the caches hold now. */
  candidate(): Candidate<Value, From>;
  fromSnapshot(snapshot: Snapshot, ageMs: number): Candidate<Value, From>;
  /** What stands in where there is nothing. */
  readonly standIn: { readonly value: Value; readonly from: From } | undefined;
}

/** Keeps one configuration: follows the caches, publishes what fits, holds on to the last good value, saves it, and tells of everything. */
export class Keeper<Value, From extends Origin & { readonly version?: number }> {
  readonly events: Listeners<ConfigEvents<Published<Value, From>>> = new Listeners();
  invalid: InvalidConfig | undefined;
  isMissing = false;
  snapshotError: ConfigSnapshotError | undefined;
  readonly #options: KeeperOptions<Value, From>;
  readonly #publication: Publication<Value, From>;
  readonly #snapshotFile: SnapshotFile | undefined;
  readonly #stop = new AbortController();
  readonly #changes = new Latest(0);
  #caches: readonly ZnodeCache[] | undefined;
  #isBehind = false;
  #offered: string | undefined;
  #following: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #isEnded = false;
  #snapshot: { readonly value: Value; readonly from: From } | undefined;
  #loadedAtMs = 0;
  #awayAtMs: number | undefined;
  #settleOpening: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(options: KeeperOptions<Value, From>) {
    this.#options = options;
    const { snapshotFile, binding } = options;
    this.#snapshotFile =
      snapshotFile === undefined
        ? undefined
        : new SnapshotFile(snapshotFile, binding, (error) => this.#snapshotFailed(error));
    this.#publication = new Publication<Value, From>({
      published: (version) => this.#published(version),
      concluded: (candidate, reading) => this.#concluded(candidate, reading),
    });
  }

  get version(): Published<Value, From> {
    return this.#publication.latest.value as Published<Value, From>;
  }

  get caches(): readonly ZnodeCache[] {
    return this.#caches ?? [];
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  get isStale(): boolean {
    return (
      this.#isEnded || this.version.stale || this.#caches === undefined || this.#caches.some((cache) => cache.stale)
    );
  }

  get ageMs(): number {
    if (!this.isStale) return 0;
    const now = performance.now();
    if (this.version.stale) return this.version.ageMs + now - this.#loadedAtMs;
    return now - (this.#awayAtMs ?? now);
  }

  /** Resolves with the first value there is. Rejects if there will be none, or none in time; nothing is left behind then. */
  async open(bounds: Bounds, snapshotAfterMs: number): Promise<void> {
    try {
      await bounded(bounds, { op: "open", path: this.#path }, () => this.#open(snapshotAfterMs));
    } catch (error) {
      if (error instanceof TimeoutError) this.#serveSnapshot();
      if (error instanceof TimeoutError && this.#publication.latest.value !== undefined) return;
      await this.close();
      throw error;
    }
  }

  /** The version now and each newer one; of those that come faster than they are read, the newest. */
  watch(signal: AbortSignal | undefined): AsyncIterableIterator<Published<Value, From>, void, undefined> {
    return stoppable(signal, (stopped) => this.#versions(stopped));
  }

  /** Resolves when what the servers had told before this call was published, or cannot be had now. */
  async caughtUp(signal: AbortSignal | undefined): Promise<void> {
    const stop = new AbortController();
    const unfollow = onAbort(signal, () => stop.abort());
    if (signal?.aborted === true) stop.abort();
    try {
      await Promise.race([this.#digested(), this.#away(stop.signal)]);
    } finally {
      unfollow();
      stop.abort();
    }
  }

  async close(): Promise<void> {
    if (!this.#isEnded && this.#publication.latest.value !== undefined && !this.isStale) this.#snapshotFile?.confirm();
    this.#end();
    this.#stop.abort();
    await Promise.all(this.caches.map((cache) => cache.close()));
    await this.#following;
    await this.#snapshotFile?.settled();
  }

  get #path(): string {
    return this.#options.binding.paths[0] as string;
  }

  async #open(snapshotAfterMs: number): Promise<void> {
    await this.#loadSnapshot();
    const opened = new Promise<void>((resolve, reject) => {
      this.#settleOpening = { resolve, reject };
    });
    const timer = setTimeout(() => this.#serveSnapshot(), snapshotAfterMs);
    this.#following = this.#follow();
    void this.#watchConnection();
    try {
      await opened;
    } finally {
      clearTimeout(timer);
      this.#settleOpening = undefined;
    }
  }

  async #loadSnapshot(): Promise<void> {
    const snapshot = await this.#snapshotFile?.read();
    if (snapshot === undefined) return;
    const { standIn } = this.#options;
    this.#loadedAtMs = performance.now();
    const ageMs = Math.max(0, wallClockMs() - snapshot.savedAtMs);
    const candidate = this.#options.fromSnapshot(snapshot, ageMs);
    const reading = await candidate.read();
    if (reading.kind === "value") this.#snapshot = { value: reading.value, from: candidate.from };
    else if (reading.kind === "invalid") this.#snapshotFile?.report(`is ignored: ${reading.issues[0]?.message}`);
    else if (standIn !== undefined) {
      this.#snapshot = { value: standIn.value, from: { ...standIn.from, stale: true, ageMs } };
    }
  }

  #serveSnapshot(): void {
    if (this.#snapshot === undefined || this.#publication.latest.value !== undefined) return;
    const { value, from } = this.#snapshot;
    this.#options.client.logger.warn(`config ${this.#path} is served from its snapshot`, { ageMs: from.ageMs });
    this.#publication.publish(value, from);
  }

  async #follow(): Promise<void> {
    try {
      const caches = await this.#options.openCaches(this.#stop.signal);
      this.#caches = caches;
      const reading = caches.map((cache) => this.#read(cache));
      if (this.#options.needsSettled) void this.#offerSettled(caches);
      else this.#offer();
      await Promise.all(reading);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error as Error);
    }
    this.#end();
  }

  async #read(cache: ZnodeCache): Promise<void> {
    for await (const _ of cache.changes()) {
      if (this.#options.needsSettled) {
        this.#isBehind = true;
        this.#changes.set(this.#changes.value + 1);
      } else this.#offer();
    }
  }

  async #offerSettled(caches: readonly ZnodeCache[]): Promise<void> {
    for await (const _ of this.#changes.follow(this.#stop.signal)) {
      await allSettled(caches);
      this.#isBehind = false;
      this.#offer();
    }
  }

  #offer(): void {
    const candidate = this.#options.candidate();
    if (candidate.key === this.#offered) return;
    this.#offered = candidate.key;
    this.#publication.offer(candidate);
  }

  async #digested(): Promise<void> {
    await allSettled(this.caches);
    do await nextTurn();
    while (this.#isBehind && !this.#isEnded);
    await this.#publication.settled();
  }

  async #away(signal: AbortSignal): Promise<void> {
    for await (const state of this.#options.client.states({ signal })) if (state !== "connected") return;
  }

  async *#versions(signal: AbortSignal): AsyncGenerator<Published<Value, From>, void, undefined> {
    for await (const version of this.#publication.latest.follow(signal)) if (version !== undefined) yield version;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Up to here what is held was the newest. */
  async #watchConnection(): Promise<void> {
    let wasConnected = false;
    for await (const state of this.#options.client.states({ signal: this.#stop.signal })) {
      if (wasConnected && state !== "connected") {
        this.#awayAtMs = performance.now();
        if (this.#publication.latest.value?.stale === false) this.#snapshotFile?.confirm();
      }
      wasConnected = state === "connected";
    }
  }

  #published(version: Published<Value, From>): void {
    this.#settleOpening?.resolve();
    this.events.emit("change", version);
  }

  #concluded({ from, nodes }: Candidate<Value, From>, reading: Reading<Value>): void {
    this.isMissing = reading.kind === "missing";
    if (reading.kind === "invalid") return this.#refuse(reading, from);
    this.invalid = undefined;
    if (reading.kind === "value") return this.#snapshotFile?.save(nodes);
    const { standIn } = this.#options;
    if (standIn === undefined) {
      this.events.emit("missing", { path: this.#path });
      return this.#serveSnapshot();
    }
    this.#publication.publish(standIn.value, standIn.from);
    this.#snapshotFile?.save([]);
  }

  #refuse({ reason, issues }: Invalid, { version = -1, mzxid, time }: From): void {
    this.invalid = { reason, issues, version, mzxid, time };
    this.#options.client.logger.warn(`config ${this.#path}: an invalid change is ignored`, this.invalid);
    this.events.emit("invalid", this.invalid);
    this.#serveSnapshot();
    this.#settleOpening?.reject(
      new ConfigInvalidError(`config ${this.#path} is invalid`, this.invalid, { op: "open", path: this.#path }),
    );
  }

  #fail(error: Error): void {
    if (this.#publication.latest.value === undefined) return this.#settleOpening?.reject(error);
    if (error instanceof ClosedError) return;
    this.#failure = error;
    this.#options.client.logger.error(`config ${this.#path} is not followed any more`, { error });
    this.events.emit("failed", error);
  }

  #snapshotFailed(error: ConfigSnapshotError): void {
    this.snapshotError = error;
    this.#options.client.logger.warn(error.message, { error });
    this.events.emit("snapshotError", error);
  }

  #end(): void {
    this.#isEnded = true;
    this.#awayAtMs ??= performance.now();
    this.#publication.end();
    this.#changes.end();
    this.#settleOpening?.reject(
      new ClosedError(`open ${this.#path}: closed before there was a value`, { op: "open", path: this.#path }),
    );
  }
}
