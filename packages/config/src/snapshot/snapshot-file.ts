import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigSnapshotError } from "../errors.ts";
import { wallClockMs } from "../wall-clock.ts";
import { type Binding, type Snapshot, snapshotOf, textOf } from "./snapshot-record.ts";
import { writeAtomically } from "./write-atomically.ts";

/** The last good state on disk. Written in the background; of states that come faster than the disk takes them, the newest. */
export class SnapshotFile {
  readonly #given: string;
  readonly #file: string;
  readonly #binding: Binding;
  readonly #failed: (error: ConfigSnapshotError) => void;
  #next: Snapshot["nodes"] | undefined;
  #newest: Snapshot["nodes"] | undefined;
  #writing: Promise<void> | undefined;

  constructor(file: string, binding: Binding, failed: (error: ConfigSnapshotError) => void) {
    this.#given = file;
    // The working directory may change.
    this.#file = resolve(file);
    this.#binding = binding;
    this.#failed = failed;
  }

  /** Undefined if there is none, or none that can be used, which is reported. */
  async read(): Promise<Snapshot | undefined> {
    try {
      const snapshot = snapshotOf(this.#binding, await readFile(this.#file, "utf8"));
      if (typeof snapshot === "object") return snapshot;
      this.report(`is ignored: ${snapshot}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.report("cannot be read", error);
    }
    return undefined;
  }

  save(nodes: Snapshot["nodes"]): void {
    this.#next = nodes;
    this.#newest = nodes;
    this.#writing ??= this.#write();
  }

  /** What was saved last is the newest at this moment too: its age counts from now on. */
  confirm(): void {
    if (this.#newest !== undefined) this.save(this.#newest);
  }

  /** Resolves when everything saved so far is on disk, or failed to get there. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  report(what: string, cause?: unknown): void {
    const message = `snapshot file ${this.#given} ${what}`;
    this.#failed(new ConfigSnapshotError(message, { file: this.#given, path: this.#binding.paths[0], cause }));
  }

  async #write(): Promise<void> {
    for (let nodes = this.#next; nodes !== undefined; nodes = this.#next) {
      this.#next = undefined;
      try {
        await writeAtomically(this.#file, textOf(this.#binding, { savedAtMs: wallClockMs(), nodes }));
      } catch (error) {
        this.report("cannot be written", error);
      }
    }
    this.#writing = undefined;
  }
}
