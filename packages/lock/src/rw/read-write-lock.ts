import type { Client } from "@quorate/core";
import type { Bounds } from "@quorate/core/recipe";
import { contendersIn, type LockContender } from "../line/contender.ts";
import type { LockOptions } from "../support/lock.ts";
import { writeMarker, writerLine } from "./line.ts";
import { ReadLock } from "./read-lock.ts";
import { WriteLock } from "./write-lock.ts";

/** One who holds a read-write lock or waits for it. */
export interface ReadWriteContender extends LockContender {
  readonly mode: "read" | "write";
}

/**
 * A lock that many may hold for reading or one for writing, first come first served: a reader that comes after a waiting writer waits for
 * it. The layout is Curator's `InterProcessReadWriteLock`: `<path>/_c_<uuid>-__READ__<sequence>` and `-__WRIT__<sequence>`, ephemeral.
 *
 * An owner (the `owner` option, or the body of `run()`) that holds a side may take it again, and one that writes may read beside that. One
 * that only reads and asks to write is refused with UpgradeRefusedError.
 */
export class ReadWriteLock {
  /** Where its znodes are. Made when needed, a container where the servers know such. */
  readonly path: string;
  readonly read: ReadLock;
  readonly write: WriteLock;
  readonly #client: Client;

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    this.path = path;
    this.#client = client;
    this.write = new WriteLock(client, path, options, () => this.read);
    this.read = new ReadLock(client, path, options, this.write);
  }

  /** Who holds the lock, as the server in use knows it: readers, or one writer. */
  async holders(bounds: Bounds = {}): Promise<ReadWriteContender[]> {
    const contenders = await this.#contenders(bounds);
    return contenders.slice(0, holderCount(contenders));
  }

  /** Who waits for the lock, the next one first. */
  async queue(bounds: Bounds = {}): Promise<ReadWriteContender[]> {
    const contenders = await this.#contenders(bounds);
    return contenders.slice(holderCount(contenders));
  }

  async #contenders(bounds: Bounds): Promise<ReadWriteContender[]> {
    const contenders = await contendersIn(this.#client, writerLine(this.path), bounds);
    return contenders.map((contender) => ({
      ...contender,
      mode: contender.path.includes(writeMarker, contender.path.lastIndexOf("/")) ? "write" : "read",
    }));
  }
}

/** Everyone before the first writer; a writer that is first, and further holds of its owner, which stand right behind. */
function holderCount(contenders: readonly ReadWriteContender[]): number {
  const firstWriter = contenders.findIndex(({ mode }) => mode === "write");
  if (firstWriter !== 0) return firstWriter === -1 ? contenders.length : firstWriter;
  const others = contenders.slice(1).findIndex(({ path }) => !isBehind(path, contenders[0]?.path ?? ""));
  return others === -1 ? contenders.length : others + 1;
}

function isBehind(other: string, writer: string): boolean {
  const [, place = ""] = /__WRIT__(\d{10})\d*$/.exec(writer) ?? [];
  return new RegExp(`__(READ|WRIT)__${place}\\d{10}$`).test(other);
}
