/** One process of the demo. Does at the same time what services do with Quorate, and ends on SIGTERM or with its parent. */

import { ConfigWatcher } from "@quorate/config";
import { type Client, connect } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { Group } from "@quorate/liveness";
import { Mutex } from "@quorate/lock";
import { ServiceRegistry } from "@quorate/registry";
import {
  type DemoSettings,
  firstSettings,
  type Part,
  type PlayerEvent,
  places,
  serviceName,
  settingsCodec,
} from "./events.ts";

const ending = new AbortController();

function tell(event: PlayerEvent): void {
  if (process.connected) process.send?.(event);
}

async function takeTurns(client: Client, root: string, settings: () => DemoSettings): Promise<void> {
  const mutex = new Mutex(client, places.lock(root));
  while (!ending.signal.aborted) {
    tell({ type: "waiting" });
    await mutex.run(
      async ({ fencingToken, signal }) => {
        tell({ type: "holding", token: fencingToken.toString() });
        await pause(settings().holdMs, signal);
      },
      { signal: ending.signal },
    );
    tell({ type: "released" });
  }
}

async function standForElection(client: Client, { name, root }: Part): Promise<void> {
  const latch = new LeaderLatch(client, places.election(root), { id: name });
  for await (const term of latch.terms({ signal: ending.signal })) {
    tell({ type: "leading", token: term.fencingToken.toString() });
    await term.ended;
    tell({ type: "following" });
  }
}

async function followSettings(config: ConfigWatcher<DemoSettings>): Promise<void> {
  for await (const { value, version } of config.watch({ signal: ending.signal })) {
    tell({ type: "configured", greeting: value.greeting, version });
  }
}

/** Ends early, without an error, when one of them aborts. */
function pause(durationMs: number, held: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      for (const signal of [held, ending.signal]) signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    for (const signal of [held, ending.signal]) signal.addEventListener("abort", end, { once: true });
  });
}

async function play(part: Part): Promise<void> {
  const { name, root, port } = part;
  await using client = await connect(part.servers, part.options);
  await using _member = await new Group(client, places.group(root)).join(name);
  const registry = new ServiceRegistry(client, { basePath: places.services(root) });
  await using _registration = await registry.register({ name: serviceName, id: name, address: "127.0.0.1", port });
  await using config = await ConfigWatcher.open(client, places.settings(root), {
    codec: settingsCodec,
    default: firstSettings,
  });
  tell({ type: "ready" });
  const settings = (): DemoSettings => config.value;
  const all = [takeTurns(client, root, settings), standForElection(client, part), followSettings(config)];
  const results = await Promise.allSettled(all);
  const failure = results.find((result) => result.status === "rejected");
  if (failure !== undefined && !ending.signal.aborted) throw failure.reason;
}

const end = (): void => ending.abort();
process.on("disconnect", end);
process.on("SIGTERM", end);
// Of the terminal: the parent sees to the end.
process.on("SIGINT", () => {});
process.once("message", (part: Part) => {
  play(part)
    .catch((error: unknown) => {
      tell({ type: "failed", message: error instanceof Error ? error.message : String(error) });
      process.exitCode = 1;
    })
    .finally(() => {
      if (process.connected) process.disconnect();
    });
});
