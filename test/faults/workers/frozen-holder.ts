/**
 * The process that freeze.test.ts stops while it holds a lock. Tells every 20 ms, one JSON line each, whether it believes to hold it; when
 * it does not any more it tries a fenced write all the same, takes the lock once more, and ends by itself.
 */
import { argv, env } from "node:process";
import { connect, type Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";

export type Report =
  | { readonly kind: "acquired"; readonly token: string; readonly session: string }
  /** `at`: `performance.now()` before the look at the lease. */
  | { readonly kind: "belief"; readonly at: number; readonly isHeld: boolean }
  /** Error codes; null for what succeeded. */
  | { readonly kind: "refused"; readonly fenced: string | null; readonly pinned: string | null };

const [lockPath = "", guardedPath = ""] = argv.slice(2);

function tell(report: Report): void {
  console.log(JSON.stringify(report));
}

async function codeOf(attempt: Promise<unknown>): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

function isHeld(lease: Lease): boolean {
  try {
    lease.assertHeld();
    return true;
  } catch {
    return false;
  }
}

await using client = await connect(env["QUORATE_CONNECT"] ?? "", { sessionTimeoutMs: 2_000 });
const mutex = new Mutex(client, lockPath);

async function acquire(): Promise<Lease> {
  const lease = await mutex.acquire();
  tell({ kind: "acquired", token: String(lease.fencingToken), session: String(client.session.id) });
  return lease;
}

const lease = await acquire();
const { session } = client;
await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const at = performance.now();
    const belief = isHeld(lease);
    tell({ kind: "belief", at, isHeld: belief });
    if (belief) return;
    clearInterval(timer);
    resolve();
  }, 20);
});
const fenced = codeOf(lease.transaction().set(guardedPath, "stale").commit());
const pinned = codeOf(session.set(guardedPath, "stale"));
tell({ kind: "refused", fenced: await fenced, pinned: await pinned });
await lease.release();
await (await acquire()).release();
