const wordLength = 4;

/** Collects a connection's first four bytes: a word for people, or the length of a first frame. */
export class WordProbe {
  #bytes: Buffer = Buffer.alloc(0);

  /** The four bytes as text, and all that has come; undefined until there are four. */
  push(chunk: Uint8Array): { readonly word: string; readonly bytes: Buffer } | undefined {
    if (this.#bytes.length >= wordLength) return { word: "", bytes: Buffer.from(chunk) };
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length < wordLength) return undefined;
    return { word: this.#bytes.toString("latin1", 0, wordLength), bytes: this.#bytes };
  }
}
