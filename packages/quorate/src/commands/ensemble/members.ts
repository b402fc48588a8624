import type { StandingEnsemble } from "@quorate/testing";
import type { Command } from "commander";
import { addDirectoryOption, type DirectoryOptions, openEnsemble } from "../../ensemble/directory.ts";
import { showEnsemble, viewOf } from "../../ensemble/show.ts";
import { type CommandText, doing, plainCommand } from "../../shared/command.ts";
import { parseDuration } from "../../shared/duration.ts";
import { UsageError } from "../../shared/exit-status.ts";
import type { Run } from "../../shared/run.ts";

interface Options extends DirectoryOptions {
  readonly timeout: number;
}

type Act = (run: Run, ensemble: StandingEnsemble, ids: readonly number[], options: Options) => Promise<void>;

export function start(): Command {
  return memberCommand(
    {
      name: "start",
      summary: "Start servers that were set up before",
      examples: [
        ["ensemble start", "all of them"],
        ["ensemble start 2", "one"],
      ],
    },
    async ({ signal }, ensemble, ids, { timeout }) => {
      await Promise.all(ids.map((id) => ensemble.start(id)));
      await ensemble.ready({ timeoutMs: timeout, signal });
    },
  );
}

export function stop(): Command {
  return memberCommand(
    {
      name: "stop",
      summary: "Stop servers; their data stay",
      examples: [
        ["ensemble stop", "all of them"],
        ["ensemble stop 1 3", "two of them"],
      ],
    },
    async (_run, ensemble, ids) => {
      await Promise.all(ids.map((id) => ensemble.stop(id)));
    },
  );
}

export function restart(): Command {
  return memberCommand(
    {
      name: "restart",
      summary: "Restart servers one after the other",
      details:
        "A rolling restart: the next one only when all serve again, the leader last, so that three or more stay available.",
      examples: [
        ["ensemble restart", "all of them"],
        ["ensemble restart 2", "one"],
      ],
    },
    async ({ out, signal }, ensemble, ids, { timeout }) => {
      const leader = await ensemble.leader();
      const inTurn = [...ids].sort((a, b) => Number(a === leader) - Number(b === leader));
      for (const id of inTurn) {
        signal.throwIfAborted();
        await ensemble.stop(id);
        await ensemble.start(id);
        await ensemble.ready({ timeoutMs: timeout, signal });
        out.note(`member ${id} is back`);
      }
    },
  );
}

function memberCommand(text: CommandText, act: Act): Command {
  const command = addDirectoryOption(
    plainCommand({ ...text, arguments: [["[id...]", "members; default all"]] }),
  ).option("-t, --timeout <duration>", "how long they may take to get ready", parseDuration, 60_000);
  return doing<[string[]], Options>(command, async (run, [given], options) => {
    const ensemble = await openEnsemble(options.dir);
    const known = ensemble.members.map(({ id }) => id);
    const ids = given.length === 0 ? known : given.map(Number);
    for (const [index, id] of ids.entries()) {
      if (!known.includes(id)) throw new UsageError(`no member ${given[index]}: there are ${known.join(", ")}`);
    }
    await run.out.progress(`${text.name} of ${ids.length} servers`, act(run, ensemble, ids, options));
    await showEnsemble(run, ensemble, await viewOf(ensemble));
  });
}
