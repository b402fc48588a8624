import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { clockWarnings } from "../../ensemble/clock.ts";
import { shareDisk, sharedDiskWarning } from "../../ensemble/disks.ts";
import { limitWarnings } from "../../ensemble/limits.ts";
import {
  type MachineFiles,
  type ProductionPlan,
  parseServers,
  planWarnings,
  productionFiles,
} from "../../ensemble/production-files.ts";
import { voterWarnings } from "../../ensemble/voters.ts";
import { doing, plainCommand } from "../../shared/command.ts";
import { parseCount } from "../../shared/duration.ts";
import { UsageError } from "../../shared/exit-status.ts";
import { loadTesting } from "../../shared/load-testing.ts";
import type { Run } from "../../shared/run.ts";

interface Options {
  readonly server?: readonly string[];
  readonly observer?: readonly string[];
  readonly dataDir: string;
  readonly logDir?: string;
  readonly clientPort: number;
  readonly tickTime: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly out: string;
  readonly force?: true;
}

export function config(): Command {
  const command = plainCommand({
    name: "config",
    summary: "Write zoo.cfg and myid for production machines",
    details:
      "One directory for each machine, named by its number and host; nothing is started. The order of --server gives the numbers, so keep it. Warns about what is known to go wrong: an even number of voters, one disk for log and snapshots, limits too small, and, about the machine it runs on, an unsynchronised clock and too few open files.",
    examples: [
      ["ensemble config --server zk1:2888:3888 zk2:2888:3888 zk3:2888:3888", "into ./zookeeper-config"],
      ["ensemble config --server zk1 zk2 zk3 --log-dir /wal/zookeeper --out ./zk", "log on a disk of its own"],
    ],
  })
    .option("--server <host:port:port...>", "voting members; the ports default to 2888:3888")
    .option("--observer <host:port:port...>", "members that do not vote; numbered after the voters")
    .option("--data-dir <directory>", "for snapshots and myid", "/var/lib/zookeeper")
    .option("--log-dir <directory>", "for the transaction log (default: log below --data-dir)")
    .option("--client-port <port>", "where clients connect", parseCount, 2181)
    .option("--tick-time <ms>", "ZooKeeper's unit of time, milliseconds", parseCount, 2000)
    .option("--init-limit <ticks>", "for followers to connect and load", parseCount, 10)
    .option("--sync-limit <ticks>", "of silence after which a follower is given up", parseCount, 5)
    .option("-o, --out <directory>", "where to write", "zookeeper-config")
    .option("--force", "overwrite what is there");
  return doing<[], Options>(command, async (run, _args, options) => {
    const plan = planOf(options);
    const voters = plan.servers.filter(({ role }) => role === "participant").length;
    const warnings = [
      ...voterWarnings(voters),
      ...planWarnings(plan),
      ...((await shareDisk(plan.dataDir, plan.dataLogDir)) ? [`${sharedDiskWarning} (as seen on this machine)`] : []),
      ...(await clockWarnings()),
      ...(await limitWarnings()),
    ];
    const { formatZooCfg, standingSettings } = await loadTesting();
    const machines = productionFiles(plan, standingSettings, formatZooCfg);
    const written = await writeMachines(machines, options);
    show(run, plan, machines, written, warnings);
  });
}

function planOf(options: Options): ProductionPlan {
  const { server = [], observer = [], dataDir, logDir = join(options.dataDir, "log") } = options;
  if (server.length === 0)
    throw new UsageError("name the voting members: --server zk1:2888:3888 zk2:2888:3888 zk3:2888:3888");
  const voters = parseServers(server, "participant", 1);
  return {
    servers: [...voters, ...parseServers(observer, "observer", voters.length + 1)],
    dataDir,
    dataLogDir: logDir,
    clientPort: options.clientPort,
    tickTimeMs: options.tickTime,
    initLimit: options.initLimit,
    syncLimit: options.syncLimit,
  };
}

/** @throws UsageError rather than overwrite a file */
async function writeMachines(machines: readonly MachineFiles[], { out, force }: Options): Promise<string[]> {
  const flag = force === true ? "w" : "wx";
  const written: string[] = [];
  for (const { id, host, zooCfg, myid } of machines) {
    const directory = join(out, `${id}-${host.replace(/[^\w.-]/g, "_")}`);
    await mkdir(directory, { recursive: true });
    for (const [name, content] of [
      ["zoo.cfg", zooCfg],
      ["myid", myid],
    ] as const) {
      const file = join(directory, name);
      await writeFile(file, content, { flag }).catch((cause: NodeJS.ErrnoException) => {
        throw cause.code === "EEXIST"
          ? new UsageError(`${file} is there already: --force to overwrite`, { cause })
          : cause;
      });
      written.push(file);
    }
  }
  return written;
}

function show(
  { out }: Run,
  plan: ProductionPlan,
  machines: readonly MachineFiles[],
  files: readonly string[],
  warnings: readonly string[],
): void {
  const connectString = machines.map(({ host }) => `${host}:${plan.clientPort}`).join(",");
  if (!out.isJson) for (const text of warnings) out.warn(text);
  out.result({ connectString, files, warnings }, () => {
    for (const file of files) out.line(file);
    out.line();
    out.line("On each machine:");
    out.line("  1. put zoo.cfg into ZooKeeper's conf directory");
    out.line(`  2. put myid into ${plan.dataDir}, and make ${plan.dataLogDir}`);
    out.line("  3. let its clock follow NTP, and start ZooKeeper: bin/zkServer.sh start");
    out.line(`Then: quorate status --connect ${connectString}`);
  });
}
