import { type Client, InvalidArgumentError, type Lease } from "@quorate/core";
import { joinPath } from "@quorate/core/recipe";
import { MultiLock } from "../multi/multi-lock.ts";
import { type AcquireOptions, Mutex, type MutexOptions } from "../mutex/mutex.ts";

export interface StripedLockOptions extends MutexOptions {
  /** How many locks there are, 1 to 1,000,000. Everyone who uses the path has to say the same. */
  readonly stripes: number;
}

const maxStripes = 1_000_000;

/**
 * A fixed number of mutexes for any number of keys: each key always has the same one, below `<path>/<number>`. Different keys may share one
 * and then wait for each other.
 */
export class StripedLock {
  readonly path: string;
  readonly stripes: number;
  readonly #client: Client;
  readonly #options: StripedLockOptions;
  /** Those in use so far, by number. */
  readonly #locks = new Map<number, Mutex>();

  /** @throws InvalidArgumentError on a bad path or option */
  constructor(client: Client, path: string, options: StripedLockOptions) {
    const { stripes } = options;
    if (!Number.isInteger(stripes) || stripes < 1 || stripes > maxStripes) {
      const message = `stripes ${String(stripes)} is not a whole number within 1..${maxStripes}`;
      throw new InvalidArgumentError(message, { op: "lock", path });
    }
    this.path = path;
    this.stripes = stripes;
    this.#client = client;
    this.#options = options;
    // Says at once what is wrong with the path or an option.
    this.#lockAt(0);
  }

  /** The mutex of this key. */
  of(key: string): Mutex {
    return this.#lockAt(stripeOf(key, this.stripes));
  }

  /** The mutexes of all these keys at once, each once. Not reentrant: an owner that holds one of them waits for itself. */
  ofAll(keys: readonly string[]): MultiLock {
    return new MultiLock(this.#client, [...new Set(keys.map((key) => this.of(key).path))], this.#options);
  }

  /** As `of(key).acquire()`. */
  acquire(key: string, options?: AcquireOptions): Promise<Lease> {
    return this.of(key).acquire(options);
  }

  /** As `of(key).tryAcquire()`. */
  tryAcquire(key: string, options?: AcquireOptions): Promise<Lease | undefined> {
    return this.of(key).tryAcquire(options);
  }

  /** As `of(key).run()`. */
  run<T>(key: string, body: (lease: Lease) => Promise<T> | T, options?: AcquireOptions): Promise<T> {
    return this.of(key).run(body, options);
  }

  #lockAt(stripe: number): Mutex {
    const known = this.#locks.get(stripe);
    if (known !== undefined) return known;
    const digits = String(maxStripes - 1).length;
    const lock = new Mutex(this.#client, joinPath(this.path, String(stripe).padStart(digits, "0")), this.#options);
    this.#locks.set(stripe, lock);
    return lock;
  }
}

/** FNV-1a over UTF-8, 32 bits: the same everywhere, for ever. */
function stripeOf(key: string, stripes: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % stripes;
}
