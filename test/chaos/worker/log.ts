import { openSync, writeSync } from "node:fs";
import { hrtime } from "node:process";
import type { LogRecord } from "../history/records.ts";

type WithoutTime<T> = T extends { readonly at: number } ? Omit<T, "at"> & { readonly at?: number } : never;

/** The machine's monotonic clock, in microseconds: the same for all its processes. */
export function now(): number {
  return Number(hrtime.bigint() / 1000n);
}

/** Written line by line at once, so that a killed process has told everything. */
export class Log {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** @param record `at` defaults to now */
  add(record: WithoutTime<LogRecord>): void {
    writeSync(this.#file, `${JSON.stringify({ at: now(), ...record })}\n`);
  }
}
