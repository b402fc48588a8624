import type { RandomSource } from "../random.ts";
import type { ByteStream, Transport } from "../transport/transport.ts";
import type { DriverOptions, ServerAddress } from "../driver/driver.ts";
import type { Lookups } from "./lookups.ts";
import { type Candidate, ServerList } from "./server-list.ts";

const firstPauseMs = 100;
const maxPauseMs = 5000;

export interface SearchOptions {
  readonly transport: Transport;
  readonly lookups: Lookups;
  readonly servers: readonly ServerAddress[];
  readonly driver: DriverOptions;
}

/**
 * While a read-only server serves the session: asks one server after the other, over connections of its own and with growing pauses, whether
 * it is part of the quorum (the four-letter word `isro`, answered by every server that may serve read-only).
 */
export class ReadWriteSearch {
  readonly #options: SearchOptions;
  readonly #found: (candidate: Candidate) => void;
  readonly #list: ServerList;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  #stream: ByteStream | undefined;
  #stopped = false;

  constructor(options: SearchOptions, found: (candidate: Candidate) => void) {
    this.#options = options;
    this.#found = found;
    this.#list = new ServerList(options.servers, options.driver.random);
    this.#pause();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#stream?.destroy();
  }

  #pause(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#stream?.destroy();
    this.#timer = setTimeout(() => this.#probeNext(), jittered(this.#pauseMs, this.#options.driver.random));
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
  }

  #probeNext(): void {
    const candidate = this.#list.next();
    if (candidate === undefined) {
      this.#list.startRound();
      return this.#probeNext();
    }
    this.#timer = setTimeout(() => this.#pause(), this.#options.driver.attemptTimeoutMs);
    const { server, address } = candidate;
    if (address !== undefined) return this.#probe(server, address);
    this.#options.lookups.resolve(server.host).then(
      (addresses) => {
        if (this.#stopped) return;
        this.#list.resolved(server, addresses);
        clearTimeout(this.#timer);
        this.#probeNext();
      },
      () => this.#pause(),
    );
  }

  #probe(server: ServerAddress, address: string): void {
    let answer = "";
    const { transport, driver } = this.#options;
    const target = { host: server.host, port: server.port, address, tls: driver.tls };
    this.#stream = transport.connect(target, {
      open: () => this.#stream?.write(Buffer.from("isro")),
      data: (chunk) => {
        answer += Buffer.from(chunk).toString("latin1");
        if (answer.trim() === "rw") this.#found({ server, address });
        else if (answer.length > 64) this.#pause();
      },
      close: () => this.#pause(),
    });
  }
}

function jittered(ms: number, random: RandomSource): number {
  return ms * (1 - random.float() / 2);
}
