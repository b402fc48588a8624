import type { Client, CreateModeName, CreateOptions } from "@quorate/core";
import { type Command, Option } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseDuration } from "../shared/duration.ts";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { type DataOptions, inputData } from "../shared/input-data.ts";
import type { Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";
import { hex, statJson } from "../shared/stat-text.ts";

interface Options extends DataOptions {
  readonly ephemeral?: true;
  readonly sequential?: true;
  readonly container?: true;
  readonly ttl?: number;
  readonly parents?: true;
  readonly acl?: string;
}

export function create(): Command {
  const command = serverCommand(
    {
      name: "create",
      arguments: [
        ["<path>", ""],
        ["[data]", "text; default none"],
      ],
      summary: "Create a znode",
      details: "Prints the path as created. An ephemeral znode is kept until Ctrl-C, and goes then.",
      examples: [
        ["create /config/app '{}' --parents", "with the parents it needs"],
        ["create /queue/job- work --sequential", "prints /queue/job-0000000000"],
        ["create /alive/me --ephemeral", "there until Ctrl-C"],
        ["create /private --acl creator --auth-file me.auth", "for nobody else"],
      ],
    },
    (own) =>
      own
        .option("-e, --ephemeral", "gone with this command")
        .option("-s, --sequential", "with a number behind its name")
        .addOption(
          new Option("--container", "deleted by the servers some time after its last child").conflicts([
            "ephemeral",
            "sequential",
            "ttl",
          ]),
        )
        .addOption(
          new Option("--ttl <duration>", "deleted by the servers when not written for so long")
            .argParser(parseDuration)
            .conflicts("ephemeral"),
        )
        .option("-p, --parents", "the parents too, where missing")
        .option("--acl <acl>", "open, read, creator, or scheme:id:perms,...")
        .option("-f, --file <file>", "the data; - for stdin"),
  );
  return doingConnected<[string, string?], Options>(command, async (run, [path, text], options) => {
    const { client, out, signal } = run;
    const isGiven = text !== undefined || options.file !== undefined;
    const data = isGiven ? await inputData(text, options) : null;
    const created = await client.create(path, data, { ...(await createOptions(options)), signal });
    const { session } = client;
    const owner = options.ephemeral === true ? { session: hex(session.id) } : {};
    out.result({ path: created.path, ...owner, stat: statJson(created.stat) }, () => out.line(safeLine(created.path)));
    if (options.ephemeral === true) await keepUntilInterrupted(run, client);
  });
}

async function createOptions(options: Options): Promise<CreateOptions> {
  const { parents, acl, ttl } = options;
  const { parseAcl } = await import("../shared/acl-text.ts");
  return {
    mode: modeOf(options),
    ...(parents === true ? { parents: true } : {}),
    ...(ttl === undefined ? {} : { ttlMs: ttl }),
    ...(acl === undefined ? {} : { acl: parseAcl(acl) }),
  };
}

function modeOf(flags: Options): CreateModeName {
  if (flags.container === true) return "container";
  const kind = flags.ephemeral === true ? "ephemeral" : "persistent";
  return flags.sequential === true ? `${kind}-sequential` : kind;
}

/** @throws CommandError when the session ends before, and the znode with it */
async function keepUntilInterrupted({ out, signal }: Run, client: Client): Promise<void> {
  const { session } = client;
  out.note("kept until Ctrl-C");
  await new Promise<void>((resolve, reject) => {
    const onEnd = (): void =>
      reject(new CommandError("the session was lost, and the znode with it", ExitStatus.unreachable));
    session.signal.addEventListener("abort", onEnd, { once: true });
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
    if (session.signal.aborted) onEnd();
  });
}
