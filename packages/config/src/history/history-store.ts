import { type Acl, type Client, InvalidArgumentError, NodeExistsError, NoNodeError } from "@quorate/core";
import { type Bounds, joinPath, parentPath } from "@quorate/core/recipe";
import { nodeAt } from "../watcher/plain-store.ts";
import type { Base, Change, ConfigStore, Fate, StoreOptions, WriteStat } from "../watcher/store.ts";
import { type HistoryRecord, headData, nextEntry, recordsIn } from "./head.ts";

export interface HistoryOptions extends StoreOptions {
  /** The head: the znode with the index, its children the versions' bytes. */
  readonly head: string;
  /** How many versions are kept, the newest included. */
  readonly keep: number;
  readonly author: string | undefined;
}

/** The znode and its history, as they were read. */
export interface HistoryBase extends Base {
  /** Undefined if there is none yet. */
  readonly head: Base["node"];
  /** Oldest first. */
  readonly records: readonly HistoryRecord[];
  /** Names of the entries that are there. */
  readonly entries: readonly string[];
  readonly acl: readonly Acl[] | undefined;
}

/**
 * Writes a value and its place in the history as one transaction. The index is in one znode, compared and set like the value itself, so that of
 * writers that meet one wins and the others see what it did. What was written past the history, by a client that keeps none, is taken in with
 * the next write.
 */
export class HistoryStore implements ConfigStore<HistoryBase> {
  readonly #client: Client;
  readonly #options: HistoryOptions;

  constructor(client: Client, options: HistoryOptions) {
    this.#client = client;
    this.#options = options;
  }

  get keep(): number {
    return this.#options.keep;
  }

  async load(bounds: Bounds): Promise<HistoryBase> {
    const { path, head: headPath } = this.#options;
    const [node, head, entries, acl] = await Promise.all([
      nodeAt(this.#client, path, bounds),
      nodeAt(this.#client, headPath, bounds),
      this.#client.children(headPath, bounds).catch(noneIfMissing),
      this.#aclOf(path, bounds),
    ]);
    // A znode that was deleted comes back no more readable than its history is.
    const aclOfHead = node === undefined && head !== undefined ? await this.#aclOf(headPath, bounds) : undefined;
    return { node, head, records: recordsIn(head?.data ?? null) ?? [], entries, acl: acl ?? aclOfHead };
  }

  async commit(base: HistoryBase, { data, rollbackOf }: Change, id: string, bounds: Bounds): Promise<WriteStat> {
    const { path, head: headPath, keep, author } = this.#options;
    const { node, head, acl } = base;
    await this.#makeParents(base, bounds);
    const options = acl === undefined ? {} : { acl };
    const transaction = this.#client.transaction();
    if (node === undefined) transaction.create(path, data, options);
    else transaction.set(path, data, { version: node.stat.version });

    const entryAt = nextEntry(base.records, base.entries);
    const records = completed(base);
    const created = new Map<string, Uint8Array>();
    const add = (bytes: Uint8Array, record: Omit<HistoryRecord, "entry">): void => {
      const entry = entryAt(created.size);
      created.set(entry, bytes);
      records.push({ entry, ...record });
    };
    if (node !== undefined && !isRecorded(base)) {
      const { version, mzxid, mtime } = node.stat;
      add(node.data ?? new Uint8Array(), { version, mzxid: String(mzxid), time: Number(mtime) });
    }
    const version = node === undefined ? 0 : node.stat.version + 1;
    add(data, { version, author, id, ...(rollbackOf !== undefined && { rollbackOf: String(rollbackOf) }) });
    const kept = records.slice(-keep);

    if (head === undefined) transaction.create(headPath, headData(kept), options);
    else transaction.set(headPath, headData(kept), { version: head.stat.version });
    const isKept = (entry: string): boolean => kept.some((record) => record.entry === entry);
    for (const [entry, bytes] of created) {
      if (isKept(entry)) transaction.create(joinPath(headPath, entry), bytes, options);
    }
    // Also those that no record tells of, as after the head was lost.
    for (const entry of base.entries) {
      if (!isKept(entry)) transaction.delete(joinPath(headPath, entry));
    }
    const [result] = await transaction.commit(bounds);
    const stat = result !== undefined && "stat" in result ? result.stat : undefined;
    // The servers do not tell the stat of what a transaction created.
    return stat ?? (await this.#client.get(path, bounds)).stat;
  }

  async fate(base: HistoryBase, _change: Change, id: string, bounds: Bounds): Promise<Fate> {
    await this.#client.sync(this.#options.path, bounds);
    const now = await this.load(bounds);
    const own = completed(now).find((record) => record.id === id);
    if (own !== undefined) {
      const { version, mzxid = 0, time = 0 } = own;
      return { kind: "applied", stat: { version, mzxid: BigInt(mzxid), mtime: BigInt(time) } };
    }
    if (now.node?.stat.mzxid === base.node?.stat.mzxid) return { kind: "not-applied" };
    // Had it been applied it would still be kept: one just as old is.
    const before = base.records.at(-1)?.entry;
    const isWhole = now.records.length < this.#options.keep || now.records.some(({ entry }) => entry === before);
    return { kind: isWhole && now.head !== undefined ? "not-applied" : "unknown" };
  }

  /** The bytes of a version. */
  async bytesOf({ entry }: HistoryRecord, bounds: Bounds): Promise<Uint8Array | null> {
    return (await this.#client.get(joinPath(this.#options.head, entry), bounds)).data;
  }

  /** What keeps the znode from others' eyes has to keep its older versions too. */
  async #aclOf(path: string, bounds: Bounds): Promise<readonly Acl[] | undefined> {
    if (this.#options.acl !== undefined) return this.#options.acl;
    try {
      const { acl } = await this.#client.getAcl(path, bounds);
      if (!acl.some(({ id }) => id.scheme === "digest" && id.id.endsWith(":x"))) return acl;
    } catch (error) {
      if (error instanceof NoNodeError) return undefined;
      throw error;
    }
    // Only who may change an ACL is told the digests in it.
    const message = `the ACL of ${path} is hidden from this client: give the option acl for its history`;
    throw new InvalidArgumentError(message, { op: "history", path });
  }

  async #makeParents({ node, head }: HistoryBase, bounds: Bounds): Promise<void> {
    const missing = [
      ...(node === undefined ? [parentPath(this.#options.path)] : []),
      ...(head === undefined ? [parentPath(this.#options.head)] : []),
    ];
    for (const path of missing) {
      if (path === "/") continue;
      await this.#client.create(path, null, { ...bounds, parents: true }).catch((error: unknown) => {
        if (!(error instanceof NodeExistsError)) throw error;
      });
    }
  }
}

/** Whether the newest record is of the znode's present value: they were written as one. */
export function isRecorded({ node, head, records }: Pick<HistoryBase, "node" | "head" | "records">): boolean {
  return records.length > 0 && node !== undefined && head?.stat.mzxid === node.stat.mzxid;
}

/** The records with what could not be known as the newest of them was written. */
export function completed({ head, records }: Pick<HistoryBase, "head" | "records">): HistoryRecord[] {
  return records.map((record, index) =>
    index < records.length - 1 || head === undefined || record.mzxid !== undefined
      ? record
      : { ...record, mzxid: String(head.stat.mzxid), time: Number(head.stat.mtime) },
  );
}

function noneIfMissing(error: unknown): string[] {
  if (error instanceof NoNodeError) return [];
  throw error;
}
