import type { Transport } from "../transport/transport.ts";

/**
 * Asks for the addresses of names, anew each time, but never twice at once for the same name: the operating system's resolver may
 * hang for long and occupies one of the process' few worker threads meanwhile.
 */
export class Lookups {
  readonly #transport: Transport;
  readonly #running = new Map<string, Promise<readonly string[]>>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  resolve(host: string): Promise<readonly string[]> {
    const running = this.#running.get(host);
    if (running !== undefined) return running;
    const done = (): void => {
      this.#running.delete(host);
    };
    const lookup = this.#transport.resolve(host);
    this.#running.set(host, lookup);
    lookup.then(done, done);
    return lookup;
  }
}
