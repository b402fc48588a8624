import type { Lease } from "@quorate/core";
import type { Command } from "commander";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, withClient } from "../shared/connection.ts";
import { parseDuration } from "../shared/duration.ts";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { addHoldingOptions, asNotRun, type HoldingOptions, holdingDetails, runHolding } from "../shared/holding.ts";
import type { CommonOptions, Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";

interface Options extends HoldingOptions, ConnectionOptions, CommonOptions {
  readonly timeout?: number;
  readonly try?: true;
  readonly shared?: true;
}

export function lock(): Command {
  const command = serverCommand(
    {
      name: "lock",
      arguments: [
        ["<path>", "the lock"],
        ["<command...>", "after --"],
      ],
      summary: "Run a command while holding a lock",
      details: `One holder at a time among everyone who uses the path, first come, first served. ${holdingDetails}`,
      examples: [
        ["lock /locks/backup -- ./backup.sh --full", "waits for its turn"],
        ["lock /locks/backup --timeout 30s -- ./backup.sh", "not longer than that; else status 124"],
        ["lock /locks/nightly --try -- ./nightly.sh", "only if nobody holds it; else status 124"],
        ["lock /locks/catalogue --shared -- ./read.sh", "beside other readers"],
      ],
    },
    (own) =>
      addHoldingOptions(own)
        .option("-t, --timeout <duration>", "how long to wait for the lock (default: for ever)", parseDuration)
        .option("--try", "do not wait for a holder")
        .option("--shared", "as a reader of a read-write lock"),
  );
  return doing<[string, string[]], Options>(command, async (run, [path, line], options) => {
    try {
      return await withClient(run, options, async (client) => {
        const { Mutex, ReadWriteLock } = await import("@quorate/lock");
        const naming = options.id === undefined ? {} : { id: options.id };
        const wanted =
          options.shared === true ? new ReadWriteLock(client, path, naming).read : new Mutex(client, path, naming);
        const lease = await obtained(run, wanted, path, options);
        try {
          run.out.note(`holding ${safeLine(path)}, fencing token ${lease.fencingToken}`);
          return await runHolding(run, lease, path, line, options.killAfter);
        } finally {
          await lease[Symbol.asyncDispose]();
        }
      });
    } catch (error) {
      throw asNotRun(error);
    }
  });
}

interface Obtainable {
  acquire(options: { readonly signal: AbortSignal; readonly timeoutMs?: number }): Promise<Lease>;
  tryAcquire(options: { readonly signal: AbortSignal }): Promise<Lease | undefined>;
}

async function obtained({ out, signal }: Run, wanted: Obtainable, path: string, options: Options): Promise<Lease> {
  if (options.try === true) {
    const lease = await wanted.tryAcquire({ signal });
    if (lease === undefined)
      throw new CommandError(`${safeLine(path)} is held by someone else`, ExitStatus.notObtained);
    return lease;
  }
  const bound = options.timeout === undefined ? {} : { timeoutMs: options.timeout };
  return out.progress(`waiting for ${safeLine(path)}`, wanted.acquire({ signal, ...bound }));
}
