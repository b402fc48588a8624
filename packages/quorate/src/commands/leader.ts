import type { LeaderLatch } from "@quorate/leader";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { ExitStatus } from "../shared/exit-status.ts";
import type { Run } from "../shared/run.ts";
import { dataInBrief, jsonData, safeLine } from "../shared/safe-text.ts";
import { isoTime, timeOfDay, wallClockMs } from "../shared/time.ts";

interface Options {
  readonly watch?: true;
}

export function leader(): Command {
  const command = serverCommand(
    {
      name: "leader",
      arguments: [["<path>", "the election"]],
      summary: "Show who leads and who stands by",
      details: "Status 1 if nobody leads. Elections of Apache Curator's LeaderLatch are shown as well.",
      examples: [
        ["leader /leaders/scheduler", "who leads, who would be next"],
        ["leader /leaders/scheduler --watch", "every change, until Ctrl-C"],
      ],
    },
    (own) => own.option("-w, --watch", "follow who leads, until Ctrl-C"),
  );
  return doingConnected<[string], Options>(command, async (run, [path], options) => {
    const { LeaderLatch } = await import("@quorate/leader");
    const latch = new LeaderLatch(run.client, path);
    return options.watch === true ? follow(run, latch) : show(run, latch);
  });
}

async function show({ out, signal }: Run, latch: LeaderLatch): Promise<number> {
  const [leading, participants] = [await latch.leader({ signal }), await latch.participants({ signal })];
  const status = leading === undefined ? ExitStatus.no : ExitStatus.ok;
  if (out.isJson) {
    const shown = leading && { id: leading.id, fencingToken: leading.fencingToken, ...jsonData(leading.data) };
    out.result({ path: latch.path, leader: shown ?? null, participants }, () => {});
  } else if (leading === undefined) {
    out.line("nobody leads");
  } else {
    const rows = participants.map(({ id, fencingToken, isLeader, priority }) => [
      isLeader ? "leads" : "stands by",
      safeLine(id),
      fencingToken.toString(),
      priority === 0 ? "" : String(priority),
    ]);
    await out.table(["STATE", "WHO", "FENCING TOKEN", "PRIORITY"], rows);
    if (leading.data !== null) out.line(`proclaimed: ${dataInBrief(leading.data)}`);
  }
  return status;
}

async function follow({ out, signal }: Run, latch: LeaderLatch): Promise<void> {
  for await (const leading of latch.observe({ signal })) {
    const now = wallClockMs();
    const who =
      leading === undefined ? "nobody leads" : `${safeLine(leading.id)} leads, fencing token ${leading.fencingToken}`;
    const shown = leading && { id: leading.id, fencingToken: leading.fencingToken, ...jsonData(leading.data) };
    out.event({ time: isoTime(now), leader: shown ?? null }, `${out.colors.dim(timeOfDay(now))}  ${who}`);
  }
}
