import { ErrorCode, type GetDataReply, type MultiReply } from "@quorate/protocol";
import { UnsupportedError } from "../errors/client-errors.ts";
import { errorFromServer } from "../errors/server-errors.ts";
import type { Caller } from "../operations/caller.ts";

/**
 * Reads in one request. Far fewer requests for the server, and few enough reads for an answer that is not too long, be every znode as large as
 * the servers allow (1 MB).
 */
const readsPerRequest = 32;

interface Asked {
  /** The application's. */
  readonly path: string;
  resolve(reply: GetDataReply): void;
  reject(error: unknown): void;
}

/** Reads the data of many znodes: those asked for until the running code gives way travel together. */
export class ReadBatch {
  readonly #caller: Pick<Caller, "call" | "chroot">;
  #asked: Asked[] = [];
  /** Servers before 3.6 know no such request. */
  #isSupported = true;

  constructor(caller: Pick<Caller, "call" | "chroot">) {
    this.#caller = caller;
  }

  get(path: string): Promise<GetDataReply> {
    return new Promise((resolve, reject) => {
      if (this.#asked.push({ path, resolve, reject }) === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    const all = this.#asked;
    this.#asked = [];
    for (let start = 0; start < all.length; start += readsPerRequest) {
      const part = all.slice(start, start + readsPerRequest);
      if (part.length === 1 || !this.#isSupported) this.#readEach(part);
      else this.#readTogether(part);
    }
  }

  #readEach(part: readonly Asked[]): void {
    const { toServer } = this.#caller.chroot;
    for (const { path, resolve, reject } of part) {
      this.#caller.call({ op: "getData", path: toServer(path), watch: false }, "read").then(resolve, reject);
    }
  }

  #readTogether(part: readonly Asked[]): void {
    const { toServer } = this.#caller.chroot;
    const operations = part.map(({ path }) => ({ op: "getData", path: toServer(path), watch: false }) as const);
    this.#caller.call({ op: "multiRead", operations }, "read").then(
      ({ results }) => part.forEach((asked, index) => settle(asked, results[index])),
      (error: unknown) => {
        if (error instanceof UnsupportedError) {
          this.#isSupported = false;
          this.#readEach(part);
        } else {
          for (const { reject } of part) reject(error);
        }
      },
    );
  }
}

/** Reads of one request fail each for itself. */
function settle({ path, resolve, reject }: Asked, result: MultiReply["results"][number] | undefined): void {
  if (result?.op === "getData") resolve(result);
  else reject(errorFromServer(result?.op === "error" ? result.err : ErrorCode.MARSHALLING_ERROR, { op: "get", path }));
}
