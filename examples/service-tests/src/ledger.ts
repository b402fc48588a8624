import type { Client, Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";

/** The service under test: books numbered entries, of which no two may have the same number. */
export class Ledger {
  readonly #client: Client;
  readonly #mutex: Mutex;

  constructor(client: Client) {
    this.#client = client;
    this.#mutex = new Mutex(client, "/locks/ledger");
  }

  /** @returns the entry's number */
  book(text: string, options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {}): Promise<number> {
    return this.#mutex.run((lease) => this.#append(lease, text), options);
  }

  async entries(): Promise<string[]> {
    await this.#client.sync("/ledger");
    const names = (await this.#client.exists("/ledger")) === undefined ? [] : await this.#client.children("/ledger");
    const entries = names.sort().map((name) => this.#client.get(`/ledger/${name}`));
    return (await Promise.all(entries)).map(({ data }) => String(Buffer.from(data ?? [])));
  }

  async #append(lease: Lease, text: string): Promise<number> {
    const number = (await this.entries()).length + 1;
    const path = `/ledger/${String(number).padStart(6, "0")}`;
    if (number === 1 && (await this.#client.exists("/ledger")) === undefined) await this.#client.create("/ledger");
    // Fenced: a service that slept through the loss of its lock books nothing.
    await lease.transaction().create(path, text).commit();
    return number;
  }
}
