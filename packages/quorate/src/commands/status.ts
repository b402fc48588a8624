import type { Command } from "commander";
import type { QuorumState, ServerReport } from "../servers/server-report.ts";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, tlsOptionsOf, withClient } from "../shared/connection.ts";
import { parseDuration } from "../shared/duration.ts";
import { ExitStatus } from "../shared/exit-status.ts";
import type { CommonOptions, Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";
import { hex } from "../shared/stat-text.ts";

interface Options extends ConnectionOptions, CommonOptions {
  readonly timeout: number;
}

export function status(): Command {
  const command = serverCommand(
    {
      name: "status",
      summary: "Show each server, and whether there is a quorum",
      details:
        "Asks each server of --connect by the four-letter words srvr and mntr; what the latter tells (sessions, watches) is missing where 4lw.commands.whitelist does not allow it. Status 1 if there is no quorum.",
      examples: [
        ["status --connect zk1:2181,zk2:2181,zk3:2181", "name every server"],
        ["status --json | jq -r '.servers[] | select(.mode == \"leader\").server'", "which one leads"],
      ],
    },
    (own) => own.option("-t, --timeout <duration>", "how long to wait for a server's answer", parseDuration, 3000),
  );
  return doing<[], Options>(command, async (run, _args, options) => {
    const { out, signal } = run;
    const { parseConnectString } = await import("@quorate/core");
    const { quorumOf, reportOf } = await import("../servers/server-report.ts");
    const { servers } = parseConnectString(options.connect);
    const tls = await tlsOptionsOf(options);
    const asking = servers.map((server) => reportOf({ server, tls, timeoutMs: options.timeout, signal }));
    const reports = await out.progress("asking the servers", Promise.all(asking));
    const told = quorumOf(reports);
    const quorum = told === "unknown" ? await tryQuorum(run, options) : told;
    if (out.isJson) out.result({ quorum: quorum === "yes", servers: reports.map(json) }, () => {});
    else await print(run, reports, quorum);
    return quorum === "yes" ? ExitStatus.ok : ExitStatus.no;
  });
}

/** No server may tell; but a quorum can be had something done by. */
async function tryQuorum(run: Run, options: Options): Promise<QuorumState> {
  try {
    await withClient(run, options, (client) => client.sync("/", { signal: run.signal, timeoutMs: options.timeout }));
    return "yes";
  } catch {
    run.signal.throwIfAborted();
    return "no";
  }
}

async function print({ out }: Run, reports: readonly ServerReport[], quorum: QuorumState): Promise<void> {
  const { bold, green, red, yellow } = out.colors;
  const paint = ({ mode }: ServerReport): string => {
    if (mode === "leader" || mode === "standalone") return bold(green(mode));
    return mode === "follower" || mode === "observer" ? green(mode) : mode === "unreachable" ? red(mode) : yellow(mode);
  };
  const rows = reports.map((report) => [
    report.server,
    paint(report),
    report.version ?? "-",
    report.zxid === undefined ? "-" : hex(report.zxid),
    shown(report.sessions),
    shown(report.connections),
    shown(report.watches),
    report.latencyMs === undefined ? "-" : `${report.latencyMs.min}/${report.latencyMs.avg}/${report.latencyMs.max}`,
    shown(report.outstanding),
    report.mode === "read-only" ? "yes" : "no",
  ]);
  const head = [
    "SERVER",
    "MODE",
    "VERSION",
    "ZXID",
    "SESSIONS",
    "CLIENTS",
    "WATCHES",
    "LATENCY MS",
    "OUTSTANDING",
    "READ-ONLY",
  ];
  await out.table(head, rows);
  for (const { server, problem } of reports) if (problem !== undefined) out.note(`${server}: ${safeLine(problem)}`);
  const leader = reports.find(({ voters }) => voters !== undefined);
  const extent =
    leader?.syncedFollowers === undefined ? "" : `, ${leader.syncedFollowers + 1} of ${leader.voters} voters`;
  out.line(quorum === "yes" ? green(`quorum: yes${extent}`) : red("quorum: no"));
}

function shown(value: number | undefined): string {
  return value === undefined ? "-" : String(value);
}

function json({ answerMs, ...report }: ServerReport): unknown {
  const rounded = answerMs === undefined ? {} : { answerMs: Math.round(answerMs * 10) / 10 };
  return { ...report, readOnly: report.mode === "read-only", ...rounded };
}
