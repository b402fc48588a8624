import type { DriverOptions, ServerAddress } from "../driver/driver.ts";
import type { ByteStream, Transport } from "../transport/transport.ts";
import type { Lookups } from "./lookups.ts";
import { type Candidate, ServerList } from "./server-list.ts";

const firstPauseMs = 100;
const maxPauseMs = 5000;
/** More than any answer to `isro` has. */
const maxAnswerBytes = 64;

export interface SearchOptions {
  readonly transport: Transport;
  readonly lookups: Lookups;
  /** The servers listed at the time. */
  readonly servers: () => readonly ServerAddress[];
  readonly driver: DriverOptions;
}

/**
 * While a read-only server serves the session: asks one server after the other, over connections of its own and with growing pauses, whether
 * it is part of the quorum (the four-letter word `isro`, which every server that may serve read-only answers).
 */
export class ReadWriteSearch {
  readonly #options: SearchOptions;
  readonly #found: (candidate: Candidate) => void;
  readonly #list: ServerList;
  #pauseMs = firstPauseMs;
  /** Ends the probe or the pause under way. */
  #cancel: () => void = () => {};

  constructor(options: SearchOptions, found: (candidate: Candidate) => void) {
    this.#options = options;
    this.#found = found;
    this.#list = new ServerList(options.servers(), options.driver.random);
    this.#pause();
  }

  stop(): void {
    this.#cancel();
  }

  #pause(): void {
    this.#cancel();
    const delayMs = this.#pauseMs * (1 - this.#options.driver.random.float() / 2);
    this.#pauseMs = Math.min(this.#pauseMs * 2, maxPauseMs);
    const timer = setTimeout(() => this.#probeNext(), delayMs);
    this.#cancel = () => clearTimeout(timer);
  }

  #probeNext(): void {
    const candidate = this.#list.next();
    if (candidate === undefined) {
      this.#list.replace(this.#options.servers());
      return this.#pause();
    }
    if (candidate.address === undefined) this.#resolve(candidate.server);
    else this.#ask(candidate.server, candidate.address);
  }

  #resolve(server: ServerAddress): void {
    let isOver = false;
    this.#bounded(() => {
      isOver = true;
    });
    this.#options.lookups.resolve(server.host).then(
      (addresses) => {
        if (isOver) return;
        this.#cancel();
        this.#list.resolved(server, addresses);
        this.#probeNext();
      },
      () => {
        if (!isOver) this.#pause();
      },
    );
  }

  #ask(server: ServerAddress, address: string): void {
    const { transport, driver } = this.#options;
    const target = { host: server.host, port: server.port, address, tls: driver.tls };
    let answer = "";
    let stream: ByteStream;
    try {
      stream = transport.connect(target, {
        open: () => stream.write(Buffer.from("isro")),
        data: (chunk) => {
          answer += Buffer.from(chunk).toString("latin1");
          if (answer.trim() === "rw") this.#found({ server, address });
          else if (answer.length > maxAnswerBytes) this.#pause();
        },
        close: () => this.#pause(),
      });
    } catch {
      return this.#pause();
    }
    this.#bounded(() => stream.destroy());
  }

  #bounded(cancel: () => void): void {
    const timer = setTimeout(() => this.#pause(), this.#options.driver.attemptTimeoutMs);
    this.#cancel = () => {
      clearTimeout(timer);
      cancel();
    };
  }
}
