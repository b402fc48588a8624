import type { Command } from "commander";
import { runChild } from "../shared/child.ts";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, withClient } from "../shared/connection.ts";
import { parseCount, parseDuration } from "../shared/duration.ts";
import { UsageError } from "../shared/exit-status.ts";
import { asNotRun } from "../shared/holding.ts";
import { safeLine } from "../shared/safe-text.ts";
import { untilAborted } from "../shared/until-aborted.ts";

interface Options extends ConnectionOptions {
  readonly port?: number;
  readonly address?: string;
  readonly id?: string;
  readonly payload?: string;
  readonly base: string;
  readonly healthUrl?: string;
  readonly healthInterval?: number;
}

export function register(): Command {
  const command = serverCommand(
    {
      name: "register",
      arguments: [
        ["<name>", "of the service"],
        ["[command...]", "after --; without one, registered until Ctrl-C"],
      ],
      summary: "Register a service while a command runs",
      details:
        "Registered when the command has started, in the layout of Apache Curator's ServiceDiscovery; over lost sessions, too. Taken out before the command is asked to end, so that nobody calls it while it shuts down. The command's exit status is passed on. With --health-url it is registered only while that answers.",
      examples: [
        ["register orders --port 8080 -- node server.js", "while the server runs"],
        ["register orders --port 8080 --health-url http://127.0.0.1:8080/health -- node server.js", "and is healthy"],
        ["register legacy --address 10.0.0.7 --port 80", "for someone else, until Ctrl-C"],
      ],
    },
    (own) =>
      own
        .option("-p, --port <port>", "where it is reached", parseCount)
        .option("--address <host>", "default: that of the interface which reaches the servers")
        .option("--id <text>", "of the instance (default: a new UUID)")
        .option("--payload <json>", "more about it")
        .option("--base <path>", "where the services are", "/services")
        .option("--health-url <url>", "registered only while a GET of it succeeds")
        .option("--health-interval <duration>", "between two checks (default: 5s)", parseDuration),
  );
  return doing<[string, string[]], Options>(command, async (run, [name, line], options) => {
    const { out, interrupt, signal } = run;
    try {
      return await withClient(run, options, async (client): Promise<number | undefined> => {
        const { ServiceRegistry } = await import("@quorate/registry");
        await using registry = new ServiceRegistry(client, { basePath: options.base });
        const registering = registry.register({ name, ...detailsOf(options), signal });
        const registration = await out.progress(`registering ${safeLine(name)}`, registering);
        out.note(`registered ${safeLine(registration.instance.path)}`);
        if (line.length === 0) {
          await untilAborted(signal);
          return undefined;
        }
        const unregister = (): void => void registration.unregister();
        signal.addEventListener("abort", unregister, { once: true });
        const never = new AbortController().signal;
        return await runChild(line, {
          env: { QUORATE_PATH: registration.instance.path },
          right: never,
          killAfterMs: 0,
          interrupt,
        });
      });
    } catch (error) {
      throw asNotRun(error);
    }
  });
}

function detailsOf({ port, address, id, payload, healthUrl, healthInterval }: Options) {
  return {
    ...(port === undefined ? {} : { port }),
    ...(address === undefined ? {} : { address }),
    ...(id === undefined ? {} : { id }),
    ...(payload === undefined ? {} : { payload: parsedPayload(payload) }),
    ...(healthUrl === undefined ? {} : { healthCheck: healthCheckOf(healthUrl, healthInterval) }),
  };
}

/** @throws UsageError */
function parsedPayload(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError("--payload is not JSON", { cause });
  }
}

/** @throws UsageError */
function healthCheckOf(text: string, intervalMs: number | undefined) {
  if (!URL.canParse(text)) throw new UsageError("--health-url is not a URL");
  const check = async (signal: AbortSignal): Promise<boolean> => {
    const response = await fetch(text, { signal });
    await response.body?.cancel();
    return response.ok;
  };
  return { check, ...(intervalMs === undefined ? {} : { intervalMs }) };
}
