import type { ByteStream, StreamEvents, StreamTarget, Transport } from "@quorate/core";
import { type Accept, MemoryConnection } from "./memory-connection.ts";

/** Every host and port is the one server. */
export class MemoryTransport implements Transport {
  readonly #accept: Accept;
  #clientPort = 0;

  constructor(accept: Accept) {
    this.#accept = accept;
  }

  async resolve(host: string): Promise<readonly string[]> {
    return [host];
  }

  connect(_target: StreamTarget, events: StreamEvents): ByteStream {
    return new MemoryConnection(this.#accept, events, ++this.#clientPort).client;
  }
}
