import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Lease } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";

export interface SchedulerOptions {
  readonly id: string;
  /** Milliseconds between two runs. */
  readonly everyMs: number;
  /** Ends it: leadership is given up, and `schedule` resolves. */
  readonly signal: AbortSignal;
  /** Given the fencing token, for whatever it writes to. */
  readonly task: (token: bigint, signal: AbortSignal) => Promise<void> | void;
}

/** Runs `task` again and again, in one process of the fleet at a time; when that one goes another takes over. */
export async function schedule(client: Client, { id, everyMs, signal, task }: SchedulerOptions): Promise<void> {
  const latch = new LeaderLatch(client, "/leaders/scheduler", { id });
  for await (const term of latch.terms({ signal })) await lead(term, everyMs, task);
}

async function lead(term: Lease, everyMs: number, task: SchedulerOptions["task"]): Promise<void> {
  while (!term.signal.aborted) {
    try {
      term.assertHeld(); // by the clock: a process that was frozen may have been replaced
      await task(term.fencingToken, term.signal);
      await sleep(everyMs, undefined, { signal: term.signal });
    } catch (error) {
      if (!term.signal.aborted) throw error;
    }
  }
}
