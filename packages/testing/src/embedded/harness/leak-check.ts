import type { Leaks } from "../leaks.ts";
import { LeakError } from "./leak-error.ts";

/** Tells what is on the server now. */
export type LeakSource = () => Leaks | Promise<Leaks>;

export interface LeakCheckOptions {
  /** How long to wait for what is on its way out, milliseconds. Default 1000. */
  readonly graceMs?: number;
}

/** Taken when the module loads: whoever has left the clocks of a test faked must not stop its check. */
const sleep = setTimeout;
const pollMs = 10;

/** Remembers what was on the server at one moment, and later tells what has come and stayed since. */
export class LeakCheck {
  readonly #source: LeakSource;
  readonly #before: Leaks;

  private constructor(source: LeakSource, before: Leaks) {
    this.#source = source;
    this.#before = before;
  }

  static async start(source: LeakSource): Promise<LeakCheck> {
    return new LeakCheck(source, await source());
  }

  /** @throws LeakError when anything is left that was not there at the start */
  async verify({ graceMs = 1000 }: LeakCheckOptions = {}): Promise<void> {
    for (let leftMs = graceMs; ; leftMs -= pollMs) {
      const leaks = since(this.#before, await this.#source());
      if (leaks.sessions.length + leaks.watches.length + leaks.ephemerals.length === 0) return;
      if (leftMs <= 0) throw new LeakError(leaks);
      await new Promise<void>((resolve) => {
        sleep(resolve, pollMs);
      });
    }
  }
}

function since(before: Leaks, now: Leaks): Leaks {
  const isNew = (known: Leaks["watches"]) => (entry: Leaks["watches"][number]) =>
    !known.some(({ path, sessionId }) => path === entry.path && sessionId === entry.sessionId);
  return {
    sessions: now.sessions.filter((id) => !before.sessions.includes(id)),
    watches: now.watches.filter(isNew(before.watches)),
    ephemerals: now.ephemerals.filter(isNew(before.ephemerals)),
  };
}
