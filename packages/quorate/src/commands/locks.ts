import type { LockContender } from "@quorate/lock";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { shownDuration } from "../shared/duration.ts";
import { safeLine } from "../shared/safe-text.ts";
import { hex } from "../shared/stat-text.ts";
import { isoTime, wallClockMs } from "../shared/time.ts";

interface Options {
  readonly shared?: true;
}

export function locks(): Command {
  const command = serverCommand(
    {
      name: "locks",
      arguments: [["<path>", "the lock"]],
      summary: "Show who holds a lock and who waits for it",
      details: "The holder first, then the queue in its order. Locks of Apache Curator are shown as well.",
      examples: [
        ["locks /locks/backup", "who, where, since when, with which token"],
        ["locks /locks/catalogue --shared", "readers and writers of a read-write lock"],
      ],
    },
    (own) => own.option("--shared", "it is a read-write lock"),
  );
  return doingConnected<[string], Options>(command, async ({ client, out, signal }, [path], { shared }) => {
    const { Mutex, ReadWriteLock } = await import("@quorate/lock");
    await client.sync(path, { signal });
    const line = shared === true ? new ReadWriteLock(client, path) : undefined;
    const mutex = new Mutex(client, path);
    const holders =
      line === undefined ? [await mutex.holder({ signal })].filter(isKnown) : await line.holders({ signal });
    const queue = await (line ?? mutex).queue({ signal });
    const held = new Set(holders.map((holder) => holder.path));
    // Between the two looks the holder may have changed.
    const waiting = queue.filter((contender) => !held.has(contender.path));
    const everyone = [
      ...holders.map((contender) => ({ state: "holds", contender })),
      ...waiting.map((contender, index) => ({ state: `waits, ${index + 1}`, contender })),
    ];
    if (out.isJson) return out.result({ path, holders: holders.map(json), queue: waiting.map(json) }, () => {});
    if (everyone.length === 0) return out.line("nobody holds it, nobody waits");
    const rows = everyone.map(({ state, contender }) => [
      state,
      safeLine(contender.id ?? "(unknown)"),
      safeLine(contender.host ?? ""),
      shownDuration(Math.max(0, wallClockMs() - contender.since)),
      contender.fencingToken.toString(),
      hex(contender.sessionId),
    ]);
    await out.table(["STATE", "WHO", "HOST", "FOR", "FENCING TOKEN", "SESSION"], rows);
  });
}

function isKnown(contender: LockContender | undefined): contender is LockContender {
  return contender !== undefined;
}

function json({ path, id, host, sessionId, fencingToken, since }: LockContender): unknown {
  return { id, host, since: isoTime(since), fencingToken, session: hex(sessionId), path };
}
