import { type Client, InvalidArgumentError, type SuspendedPolicy } from "@quorate/core";
import { requireCapability } from "@quorate/core/recipe";
import type { LockOptions } from "../support/lock.ts";
import { contenderData } from "./contender.ts";
import { LineLock } from "./line-lock.ts";

export interface LineOptions extends LockOptions {
  /**
   * Other recipes' names to count as contenders, by what stands before the sequence number: `__lock__` for kazoo. Curator's and Go's
   * `lock-` always counts. Default none.
   */
  readonly admit?: readonly string[];
  /**
   * How long the next holder waits if one was lost without releasing, milliseconds: time for what it had begun to come to an end. Takes one
   * more round trip to acquire, and works among those who use it. Default none.
   */
  readonly lockDelayMs?: number;
}

/**
 * The line of a mutex at this path.
 *
 * @throws InvalidArgumentError, UnsupportedError
 */
export function mutexLine(
  client: Client,
  path: string,
  options: LineOptions & { readonly onSuspended: SuspendedPolicy },
): LineLock {
  const { admit: others = [], lockDelayMs, id, onSuspended } = options;
  if (!Array.isArray(others) || others.some((marker) => typeof marker !== "string" || marker === "")) {
    throw new InvalidArgumentError("admit is not a list of name parts", { op: "lock", path });
  }
  if (lockDelayMs !== undefined && !(Number.isFinite(lockDelayMs) && lockDelayMs >= 0)) {
    const message = `lockDelayMs ${String(lockDelayMs)} is not a number of milliseconds from 0 up`;
    throw new InvalidArgumentError(message, { op: "lock", path });
  }
  // Its mark is made and removed in transactions: said before anybody lines up.
  if (lockDelayMs !== undefined) requireCapability(client, "transactions", { op: "lock with lockDelayMs", path });
  return new LineLock(client, {
    line: { directory: path, marker: "lock-", others },
    subject: `lock ${path}`,
    data: contenderData(id),
    onSuspended,
    lockDelayMs,
  });
}
