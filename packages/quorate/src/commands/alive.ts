import type { Client } from "@quorate/core";
import type { Liveness } from "@quorate/liveness";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseDuration, shownDuration } from "../shared/duration.ts";
import { ExitStatus } from "../shared/exit-status.ts";
import type { Run } from "../shared/run.ts";
import { dataInBrief, jsonData, safeLine } from "../shared/safe-text.ts";
import { hex, kindOf } from "../shared/stat-text.ts";
import { isoTime, timeOfDay, wallClockMs } from "../shared/time.ts";

interface Options {
  readonly watch?: true;
  readonly grace?: number;
}

type Connected = Run & { readonly client: Client };

export function alive(): Command {
  const command = serverCommand(
    {
      name: "alive",
      arguments: [["<path>", "a directory of processes, such as a group, or one process's own znode"]],
      summary: "Show who is alive",
      details:
        "Status 1 if nobody is. Shown are the znodes that live with a session: the children of the path, or the path itself.",
      examples: [
        ["alive /groups/workers", "the members, longest in first"],
        ["alive /groups/workers --watch --grace 5s", "who comes and goes; dead after 5 s"],
        ["alive /alive/worker-1 && echo up", "one process, in a script"],
      ],
    },
    (own) =>
      own
        .option("-w, --watch", "follow who comes and goes, until Ctrl-C")
        .option("--grace <duration>", "with --watch: only suspected for so long after it went", parseDuration),
  );
  return doingConnected<[string], Options>(command, (run, [path], options) =>
    options.watch === true ? follow(run, path, options) : show(run, path),
  );
}

async function show({ client, out, signal }: Connected, path: string): Promise<number> {
  const { readSubtree } = await import("../shared/subtree.ts");
  await client.sync(path, { signal });
  const isThere = (await client.exists(path, { signal })) !== undefined;
  const nodes = isThere ? await readSubtree(client, path, { maxDepth: 1, signal }) : [];
  const living = nodes
    .filter(({ stat }) => kindOf(stat) === "ephemeral")
    .sort((a, b) => (a.stat.czxid < b.stat.czxid ? -1 : 1));
  const status = living.length === 0 ? ExitStatus.no : ExitStatus.ok;
  if (out.isJson) {
    const shown = living.map(({ path: at, data, stat }) => ({
      id: nameOf(at),
      since: isoTime(Number(stat.ctime)),
      session: hex(stat.ephemeralOwner),
      ...jsonData(data),
    }));
    out.result(shown, () => {});
  } else if (living.length === 0) {
    out.line("nobody is alive there");
  } else {
    const now = wallClockMs();
    const rows = living.map(({ path: at, data, stat }) => [
      safeLine(nameOf(at)),
      shownDuration(Math.max(0, now - Number(stat.ctime))),
      hex(stat.ephemeralOwner),
      data === null ? "" : dataInBrief(data, 40),
    ]);
    await out.table(["WHO", "FOR", "SESSION", "DATA"], rows);
  }
  return status;
}

async function follow({ client, out, signal }: Connected, path: string, { grace }: Options): Promise<void> {
  const { watchAlive } = await import("@quorate/liveness");
  const stat = await client.exists(path, { signal });
  const mode = stat !== undefined && kindOf(stat) === "ephemeral" ? "node" : "children";
  const told = watchAlive(client, path, { mode, signal, ...(grace === undefined ? {} : { graceMs: grace }) });
  const paint: Record<Liveness["status"], (text: string) => string> = {
    alive: out.colors.green,
    suspected: out.colors.yellow,
    dead: out.colors.red,
  };
  for await (const { path: at, status } of told) {
    const now = wallClockMs();
    const text = `${out.colors.dim(timeOfDay(now))}  ${paint[status](status.padEnd(9))}  ${safeLine(nameOf(at))}`;
    out.event({ time: isoTime(now), id: nameOf(at), status }, text);
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
