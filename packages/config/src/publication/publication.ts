import { Latest } from "@quorate/core/recipe";
import { isPromise, type MaybePromise } from "../maybe-promise.ts";
import type { Reading } from "../schema/format.ts";
import type { SnapshotNode } from "../snapshot/snapshot-record.ts";
import { sharedValue } from "../values/shared.ts";
import type { Origin } from "./origin.ts";

/** A value, ready to be given to anybody. */
export type Published<Value, From extends Origin> = From & { readonly value: Value };

/** A state of the server, or of the snapshot, that is to be read. */
export interface Candidate<Value, From extends Origin> {
  /** Never throws or rejects. */
  read(): MaybePromise<Reading<Value>>;
  readonly from: From;
  /** The same as long as nothing has changed. */
  readonly key: string;
  readonly nodes: readonly SnapshotNode[];
}

export interface PublicationEvents<Value, From extends Origin> {
  published(version: Published<Value, From>): void;
  /** What was read, after it was published if it is a value. */
  concluded(candidate: Candidate<Value, From>, reading: Reading<Value>): void;
}

/**
 * Reads candidates one after the other and publishes what fits. Only the newest candidate waits while one is read: however many changes
 * come, and however slow an asynchronous schema is, the last one gets through and nothing is queued.
 */
export class Publication<Value, From extends Origin> {
  readonly latest: Latest<Published<Value, From> | undefined> = new Latest<Published<Value, From> | undefined>(
    undefined,
  );
  readonly #events: PublicationEvents<Value, From>;
  #next: Candidate<Value, From> | undefined;
  #isReading = false;
  #isEnded = false;
  readonly #waiting: (() => void)[] = [];

  constructor(events: PublicationEvents<Value, From>) {
    this.#events = events;
  }

  offer(candidate: Candidate<Value, From>): void {
    this.#next = candidate;
    if (!this.#isReading) this.#readOn();
  }

  /** Resolves when everything offered so far was read or overtaken. */
  async settled(): Promise<void> {
    if (this.#isReading) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  publish(value: Value, from: From): void {
    if (this.#isEnded) return;
    const version = published(value, from);
    this.latest.set(version);
    this.#events.published(version);
  }

  /** Nothing is published any more. */
  end(): void {
    this.#isEnded = true;
    this.#next = undefined;
    this.latest.end();
    this.#wake();
  }

  #readOn(): void {
    while (this.#next !== undefined && !this.#isEnded) {
      const candidate = this.#next;
      this.#next = undefined;
      const reading = candidate.read();
      if (isPromise(reading)) {
        this.#isReading = true;
        void reading.then((done) => {
          this.#isReading = false;
          this.#conclude(candidate, done);
          this.#readOn();
        });
        return;
      }
      this.#conclude(candidate, reading);
    }
    this.#wake();
  }

  #conclude(candidate: Candidate<Value, From>, reading: Reading<Value>): void {
    if (this.#isEnded) return;
    if (reading.kind === "value") this.publish(reading.value, candidate.from);
    this.#events.concluded(candidate, reading);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export function published<Value, From extends Origin>(value: Value, from: From): Published<Value, From> {
  const version = Object.defineProperty({ ...from }, "value", sharedValue(value));
  return Object.freeze(version) as Published<Value, From>;
}
