import { type Client, type Lease, LeaseLostError, QuorateError } from "@quorate/core";
import { pause } from "@quorate/core/recipe";
import type { Seeded } from "../../faults/support/seeded.ts";
import { type Log, now } from "./log.ts";
import type { pathsOf } from "./paths.ts";

export interface HoldOptions {
  readonly log: Log;
  readonly number: number;
  /** Of the hold, for the register. */
  readonly id: string;
  readonly lease: Lease;
  readonly paths: ReturnType<typeof pathsOf>;
  /** A client that has nothing to do with the lease. */
  readonly witness: Client;
  readonly random: Seeded;
  readonly durationMs: number;
}

/** Errors that an unguarded write may end with while servers come and go. */
const expected = new Set(["CONNECTION_LOSS", "TIMEOUT", "SESSION_EXPIRED"]);

const toldWithinMs = 10_000;
const longMs = 500;

/** Whether the lease is good now, by its own word. */
export function isAlive(lease: Lease): boolean {
  if (lease.signal.aborted) return false;
  try {
    lease.assertHeld();
    return true;
  } catch (error) {
    if (error instanceof LeaseLostError) return false;
    throw error;
  }
}

/** Holds on to a lease for a while or until it is lost: claims it, writes by it, and keeps the log. */
export async function hold(options: HoldOptions): Promise<void> {
  const { lease, random, durationMs } = options;
  const until = performance.now() + durationMs;
  let writes = 0;
  do {
    await claim(options);
    if (writes === 0 || random.float() < 0.3) await writeFenced(options, ++writes);
    await pause(random.between(1, Math.min(60, durationMs)));
  } while (performance.now() < until && !lease.signal.aborted);
  await claim(options);
  await untilTold(lease);
  // The end of a long work; and what a holder would do that missed its loss.
  if (durationMs > longMs || lease.signal.aborted) await writeFenced(options, ++writes);
}

/** A lease that is not good any more says so by its signal, unless answers that were unread make it good again. */
async function untilTold(lease: Lease): Promise<void> {
  const deadlineMs = performance.now() + toldWithinMs;
  while (!lease.signal.aborted && !isAlive(lease)) {
    if (performance.now() > deadlineMs) throw new Error("the lease is lost, and its signal does not tell");
    await pause(10);
  }
}

/**
 * Says that it holds, to the servers, past its own session. If the lease is still good when the answer is there it was so when the servers
 * applied it: the answer tells that moment in the order of the cluster.
 */
async function claim({ log, number, id, lease, paths, witness }: HoldOptions): Promise<void> {
  if (!isAlive(lease)) return;
  try {
    const { mzxid } = await witness.set(paths.claims, id, { timeoutMs: 2_000 });
    const at = now();
    if (isAlive(lease)) log.add({ kind: "alive", at, hold: number, zxid: String(mzxid) });
  } catch (error) {
    if (!(error instanceof QuorateError && expected.has(error.code))) throw error;
  }
}

/** A fenced write to the register. Its entry is made by the same transaction. */
async function writeFenced({ log, number, id, lease, paths }: HoldOptions, write: number): Promise<void> {
  const content = JSON.stringify({ hold: id, write, token: String(lease.fencingToken) });
  const wasGood = isAlive(lease);
  log.add({ kind: "writing", hold: number, write });
  try {
    const [set] = await lease
      .transaction()
      .set(paths.register, content)
      .create(`${paths.entries}/e-`, content, { mode: "persistent-sequential" })
      .commit({ timeoutMs: 10_000 });
    if (set?.op !== "set") throw new Error("a transaction was not answered in order");
    const { mzxid, version } = set.stat;
    log.add({ kind: "written", hold: number, write, zxid: String(mzxid), version });
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    const isLost = error instanceof LeaseLostError;
    if (!isLost && !expected.has(error.code)) throw error;
    const isRefused = isLost || ("outcome" in error && error.outcome === "not-applied");
    const code = isLost && wasGood && error.reason === "node-deleted" ? "fenced" : error.code;
    log.add({ kind: "not-written", hold: number, write, isRefused, code });
  }
}
