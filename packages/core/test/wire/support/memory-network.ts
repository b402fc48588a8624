import type { ByteStream, StreamEvents, StreamTarget, Transport } from "../../../src/transport/transport.ts";

/** What answers at an address. */
export interface Listener {
  /** `refuse`: connection refused; `silent`: nobody ever answers. */
  reachable: "open" | "refuse" | "silent";
  accept(peer: ServerSide): void;
}

/** A network in memory. Bytes travel in microtasks, one delivery for each write. */
export class MemoryNetwork implements Transport {
  /** What DNS says of a name; a name that is missing does not exist. */
  readonly names = new Map<string, readonly string[] | Error | "hangs">();
  readonly listeners = new Map<string, Listener>();
  /** Every host asked for, in order. */
  readonly lookups: string[] = [];
  /** Every address dialled, in order, as `address:port`. */
  readonly dialled: string[] = [];
  readonly streams: MemoryStream[] = [];

  /** Streams that were neither closed nor destroyed. */
  get open(): number {
    return this.streams.filter((stream) => !stream.isOver).length;
  }

  async resolve(host: string): Promise<readonly string[]> {
    this.lookups.push(host);
    if (/^[\d.]+$/.test(host) || host.includes(":")) return [host];
    const answer = this.names.get(host);
    if (answer === "hangs") return await new Promise<never>(() => {});
    if (answer === undefined) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  connect(target: StreamTarget, events: StreamEvents): ByteStream {
    const address = `${target.address}:${target.port}`;
    this.dialled.push(address);
    const stream = new MemoryStream(target, events);
    this.streams.push(stream);
    const listener = this.listeners.get(address);
    if (listener?.reachable === "silent") return stream;
    queueMicrotask(() => {
      if (listener === undefined || listener.reachable === "refuse") stream.fromServerClose(new Error("ECONNREFUSED"));
      else stream.open(listener);
    });
    return stream;
  }
}

/** The server's end of a stream. */
export interface ServerSide {
  readonly target: StreamTarget;
  /** Every write of the client, as it came. */
  readonly writes: Uint8Array[];
  /** While set, the client's bytes are queued on its side. */
  stalled: boolean;
  onData: (bytes: Uint8Array) => void;
  /** The client let go of the stream. */
  onGone: () => void;
  send(bytes: Uint8Array): void;
  close(cause?: Error): void;
}

export class MemoryStream implements ByteStream, ServerSide {
  readonly target: StreamTarget;
  readonly writes: Uint8Array[] = [];
  stalled = false;
  onData: (bytes: Uint8Array) => void = () => {};
  onGone: () => void = () => {};
  queuedBytes = 0;
  isOver = false;
  readonly #events: StreamEvents;

  constructor(target: StreamTarget, events: StreamEvents) {
    this.target = target;
    this.#events = events;
  }

  open(listener: Listener): void {
    if (this.isOver) return;
    listener.accept(this);
    this.#events.open();
  }

  write(bytes: Uint8Array): void {
    if (this.isOver) throw new Error("a write after the end");
    this.writes.push(bytes);
    if (this.stalled) this.queuedBytes += bytes.length;
    else queueMicrotask(() => this.onData(bytes));
  }

  destroy(): void {
    if (this.isOver) return;
    this.isOver = true;
    queueMicrotask(() => this.onGone());
  }

  send(bytes: Uint8Array): void {
    queueMicrotask(() => {
      if (!this.isOver) this.#events.data(bytes);
    });
  }

  close(cause: Error = new Error("the server closed the connection")): void {
    queueMicrotask(() => this.fromServerClose(cause));
  }

  fromServerClose(cause: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#events.close(cause);
  }
}
