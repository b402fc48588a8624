import { closeSync, existsSync, openSync, readSync } from "node:fs";

const chunkBytes = 65_536;

/** A file of JSON lines that others still write to. */
export class JsonLines<T> {
  readonly #path: string;
  readonly #records: T[] = [];
  #readBytes = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Everything so far. A line that is not whole yet is left for the next time. */
  records(): readonly T[] {
    if (!existsSync(this.#path)) return this.#records;
    const file = openSync(this.#path, "r");
    try {
      const chunk = Buffer.alloc(chunkBytes);
      for (;;) {
        const bytes = readSync(file, chunk, 0, chunkBytes, this.#readBytes);
        if (bytes === 0) return this.#records;
        this.#readBytes += bytes;
        this.#take(Buffer.concat([this.#rest, chunk.subarray(0, bytes)]));
      }
    } finally {
      closeSync(file);
    }
  }

  #take(bytes: Buffer): void {
    const end = bytes.lastIndexOf("\n") + 1;
    this.#rest = bytes.subarray(end);
    for (const line of bytes.toString("utf8", 0, end).split("\n")) {
      if (line !== "") this.#records.push(JSON.parse(line) as T);
    }
  }
}
