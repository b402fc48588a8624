import type { StandingEnsemble } from "@quorate/testing";
import { type Command, Option } from "commander";
import { addDirectoryOption, type DirectoryOptions } from "../../ensemble/directory.ts";
import { limitWarnings } from "../../ensemble/limits.ts";
import { showEnsemble, viewOf } from "../../ensemble/show.ts";
import { voterWarnings } from "../../ensemble/voters.ts";
import { doing, plainCommand } from "../../shared/command.ts";
import { parseCount, parseDuration } from "../../shared/duration.ts";
import { CommandError, ExitStatus } from "../../shared/exit-status.ts";
import { loadTesting } from "../../shared/load-testing.ts";
import type { Run } from "../../shared/run.ts";

interface Options extends DirectoryOptions {
  readonly nodes?: number;
  readonly observers?: number;
  readonly provider?: "docker" | "process";
  readonly image?: string;
  readonly port: number;
  readonly timeout: number;
}

const defaultNodes = 3;

export function up(): Command {
  const command = addDirectoryOption(
    plainCommand({
      name: "up",
      summary: "Set servers up on this machine and start them",
      details:
        "Writes zoo.cfg, myid and the directories of each member, starts them, and waits until each is what it should be and has served a write. What is there already is started again. They go on when this command ends: see stop and down. For development: all members on one machine fail with it.",
      examples: [
        ["ensemble up", "three voters, in Docker if it answers, else as Java processes"],
        ["ensemble up --nodes 5 --observers 2 --provider process", "seven processes"],
        ["ensemble up --nodes 1 --port 2281 --dir ./zk", "one server, its files in ./zk"],
        ["ensemble down", "stop them and delete their files"],
      ],
    }),
  )
    .option("-n, --nodes <number>", `voting members (default: ${defaultNodes})`, parseCount)
    .option("--observers <number>", "members that do not vote (default: 0)", parseCount)
    .addOption(new Option("--provider <provider>", "default: docker if it answers").choices(["docker", "process"]))
    .option("--image <image>", "for docker (default: ZK_IMAGE, else zookeeper:3.9)")
    .option("--port <port>", "client port of the first; the others take the next free ones", parseCount, 2181)
    .option("-t, --timeout <duration>", "how long they may take to get ready", parseDuration, 60_000);
  return doing<[], Options>(command, async (run, _args, options) => {
    const { out, signal } = run;
    for (const text of [...voterWarnings(options.nodes ?? defaultNodes), ...(await limitWarnings())]) out.warn(text);
    const { StandingEnsemble: Standing } = await loadTesting();
    const known = await Standing.open(options.dir);
    if (known !== undefined) checkSame(known, options);
    const ensemble = known ?? (await out.progress("setting up", createEnsemble(Standing, options)));
    try {
      await out.progress("starting", startAll(ensemble, options.timeout, signal));
    } catch (error) {
      // What was there before is left as it is, for whoever looks for the reason.
      if (known === undefined) await Standing.remove(options.dir);
      throw error;
    }
    const view = await viewOf(ensemble);
    await showEnsemble(run, ensemble, view);
    if (!out.isJson) tellWhatNext(run, ensemble);
    return view.quorum && view.asConfigured ? ExitStatus.ok : ExitStatus.no;
  });
}

function createEnsemble(Standing: typeof StandingEnsemble, options: Options): Promise<StandingEnsemble> {
  const { nodes = defaultNodes, observers = 0, provider, image, port, dir } = options;
  const run = process.env["QUORATE_TEST_RUN"];
  return Standing.create(dir, {
    nodes,
    observers,
    firstPort: port,
    ...(provider === undefined ? {} : { provider }),
    ...(image === undefined ? {} : { image }),
    ...(run === undefined ? {} : { labels: { "org.quorate.run": run } }),
  });
}

async function startAll(ensemble: StandingEnsemble, timeoutMs: number, signal: AbortSignal): Promise<void> {
  await Promise.all(ensemble.members.map(({ id }) => ensemble.start(id)));
  await ensemble.ready({ timeoutMs, signal });
}

/** @throws CommandError when another ensemble is asked for than the one that is there */
function checkSame({ directory, members, provider }: StandingEnsemble, options: Options): void {
  const voters = members.filter(({ role }) => role === "participant").length;
  const isSame =
    (options.nodes ?? voters) === voters &&
    (options.observers ?? members.length - voters) === members.length - voters &&
    (options.provider ?? provider) === provider;
  if (isSame) return;
  const there = `${voters} voters, ${members.length - voters} observers, ${provider}`;
  throw new CommandError(
    `another ensemble is in ${directory} (${there}): quorate ensemble down first`,
    ExitStatus.conflict,
  );
}

function tellWhatNext({ out }: Run, { connectString }: StandingEnsemble): void {
  out.line();
  out.line(`export QUORATE_CONNECT=${connectString}`);
}
