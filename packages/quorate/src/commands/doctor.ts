import type { Command } from "commander";
import { type Finding, problem } from "../servers/checks.ts";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, tlsOptionsOf, withClient } from "../shared/connection.ts";
import { parseCount, parseDuration } from "../shared/duration.ts";
import { codeOf, ExitStatus } from "../shared/exit-status.ts";
import { messageOf } from "../shared/output.ts";
import type { CommonOptions, Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";

interface Options extends ConnectionOptions, CommonOptions {
  readonly timeout: number;
  readonly path: string;
  readonly maxNodes: number;
  readonly large: number;
}

const defaultSessionTimeoutMs = 10_000;

export function doctor(): Command {
  const command = serverCommand(
    {
      name: "doctor",
      summary: "Look for what is wrong between here and the servers",
      details:
        "Names, ports and TLS of each server, the quorum, credentials, session timeout, latency of reads and writes, clock skew, contenders that nobody will remove, oversized znodes. Writes one ephemeral znode and removes it. Status 1 if there is a problem; warnings are none.",
      examples: [
        ["doctor --connect zk1:2181,zk2:2181,zk3:2181", "everything"],
        ["doctor --path /locks --max-nodes 100000", "one part of a large tree"],
        ["doctor --json | jq '.findings[] | select(.verdict != \"ok\")'", "what is not in order"],
      ],
    },
    (own) =>
      own
        .option("-t, --timeout <duration>", "how long to wait for a server's answer", parseDuration, 3000)
        .option("--path <path>", "the part of the tree to look at", "/")
        .option("--max-nodes <number>", "how many znodes to look at", parseCount, 10_000)
        .option("--large <bytes>", "from which size a znode is oversized", parseCount, 512 * 1024),
  );
  return doing<[], Options>(command, async (run, _args, options) => {
    const findings = await examine(run, options);
    const hasProblem = findings.some(({ verdict }) => verdict === "problem");
    run.out.result({ healthy: !hasProblem, findings }, () => print(run, findings));
    return hasProblem ? ExitStatus.no : ExitStatus.ok;
  });
}

async function examine(run: Run, options: Options): Promise<Finding[]> {
  const { out, signal } = run;
  const { parseConnectString } = await import("@quorate/core");
  const { checkServers } = await import("../servers/check-servers.ts");
  const tls = await tlsOptionsOf(options);
  const { servers } = parseConnectString(options.connect);
  const questions = servers.map((server) => ({ server, tls, timeoutMs: options.timeout, signal }));
  const findings = await out.progress("asking the servers", checkServers(questions));
  return [...findings, ...(await examineInside(run, options))];
}

async function examineInside(run: Run, options: Options): Promise<Finding[]> {
  const { out, signal } = run;
  const { checkSession } = await import("../servers/check-session.ts");
  const { checkTree } = await import("../servers/check-tree.ts");
  const { path: root, maxNodes, large: largeBytes } = options;
  try {
    return await withClient(run, options, async (client) => {
      const checking = checkSession(client, options.sessionTimeout ?? defaultSessionTimeoutMs, signal);
      const session = await out.progress("measuring", checking);
      const tree = await out.progress("looking at the tree", checkTree(client, { root, maxNodes, largeBytes, signal }));
      return [...session, ...tree];
    });
  } catch (error) {
    signal.throwIfAborted();
    const code = codeOf(error);
    if (code === undefined || code === "INVALID_ARGUMENT") throw error;
    const advice = code === "AUTH_FAILED" ? "see the identities given" : "see the servers above, and the credentials";
    return [problem("session", messageOf(error), advice)];
  }
}

function print({ out }: Run, findings: readonly Finding[]): void {
  const { dim, green, red, yellow } = out.colors;
  const marks = { ok: green("ok     "), warning: yellow("warning"), problem: red("problem") };
  const width = Math.max(...findings.map(({ check }) => check.length));
  for (const { check, verdict, found, advice } of findings) {
    out.line(`${marks[verdict]}  ${check.padEnd(width)}  ${safeLine(found)}`);
    if (advice !== undefined) out.line(`${" ".repeat(width + 11)}${dim(advice)}`);
  }
}
