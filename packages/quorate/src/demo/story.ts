import { ConfigWatcher } from "@quorate/config";
import type { Client, ConnectOptions } from "@quorate/core";
import { Group } from "@quorate/liveness";
import { type Service, ServiceRegistry } from "@quorate/registry";
import type { Output } from "../shared/output.ts";
import { Cast, type Player } from "./cast.ts";
import { firstSettings, type PlayerEvent, places, serviceName, settingsCodec } from "./events.ts";
import { Stage } from "./stage.ts";
import { until } from "./until.ts";

export interface StoryOptions {
  readonly out: Output;
  readonly client: Client;
  readonly servers: string;
  readonly connectOptions: ConnectOptions;
  readonly root: string;
  readonly signal: AbortSignal;
}

const names = ["anna", "boris", "chloe"] as const;
const sceneBoundMs = 30_000;
const readingMs = 1800;

/**
 * Plays the whole demo, and leaves no process behind. Every step is waited for: what does not come to pass fails it.
 *
 * @throws Error saying what did not happen; the signal's reason
 */
export async function tellStory(options: StoryOptions): Promise<void> {
  const { out, servers, connectOptions, root } = options;
  const turns: Player[] = [];
  const failures: string[] = [];
  const stageRef: { stage?: Stage } = {};
  const cast = new Cast({ servers, options: connectOptions, root }, (player, event) => {
    hear(stageRef.stage, player, event, cast);
    if (event.type === "holding") turns.push(player);
    if (event.type === "failed") failures.push(`${player.name}: ${event.message}`);
  });
  const stage = new Stage(out, () => cast.players);
  stageRef.stage = stage;
  const happens = async (what: string, check: () => boolean | Promise<boolean>): Promise<void> => {
    const holds = async (): Promise<boolean> => {
      if (failures.length > 0) throw new Error(failures.join("; "));
      return check();
    };
    await until(holds, { what, boundMs: sceneBoundMs, signal: options.signal });
  };
  const script: Script = { ...options, cast, stage, turns, happens };
  try {
    for (const scene of [lockScene, leaderScene, settingScene, serviceScene, aliveScene]) {
      await scene(script);
      await breathe(options.signal);
    }
  } finally {
    stage.close();
    await cast.dismissAll();
  }
}

/** Time to read what has happened. */
async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, readingMs);
    signal.addEventListener("abort", end, { once: true });
  });
  signal.throwIfAborted();
}

interface Script extends StoryOptions {
  readonly cast: Cast;
  readonly stage: Stage;
  /** Whose turn it was with the lock, from the beginning. */
  readonly turns: readonly Player[];
  happens(what: string, check: () => boolean | Promise<boolean>): Promise<void>;
}

function hear(stage: Stage | undefined, { name }: Player, event: PlayerEvent, cast: Cast): void {
  if (event.type === "holding") stage?.say(`${name} holds the lock, fencing token ${event.token}`);
  if (event.type === "leading") stage?.say(`${name} leads, term ${event.token}`);
  if (event.type === "configured" && event.version >= 0) {
    const seen = cast.living.filter(({ greeting }) => greeting === event.greeting).length;
    stage?.say(`${name} has the new setting: greeting "${event.greeting}" (${seen} of ${cast.living.length})`);
  }
}

async function lockScene({ cast, stage, turns, happens }: Script): Promise<void> {
  stage.scene("One lock, three processes: one holds it at a time, first come, first served");
  for (const name of names) cast.enter(name);
  await happens("everybody has had the lock twice", () =>
    cast.players.every((player) => turns.filter((turn) => turn === player).length >= 2),
  );
}

async function leaderScene({ cast, stage, turns, happens }: Script): Promise<void> {
  stage.scene("One leader: it is killed, and another one takes over when its session has expired");
  await happens("somebody leads", () => cast.leader !== undefined);
  const victim = cast.leader as Player;
  // While it holds the lock as well: both are handed over.
  await happens(`${victim.name} holds the lock`, () => victim.lock === "holds");
  stage.say(`${victim.name} leads and holds the lock: kill -9 ${victim.pid}`);
  cast.kill(victim);
  const turnsBefore = turns.length;
  await happens("another one leads", () => cast.leader !== undefined);
  await happens("another one holds the lock", () => turns.length > turnsBefore);
  stage.say(`${cast.leader?.name} has taken over from ${victim.name}, and the lock has gone on`);
}

async function settingScene(script: Script): Promise<void> {
  const { client, cast, stage, root, happens } = script;
  stage.scene("One setting: changed once, everywhere at once");
  await using config = await ConfigWatcher.open(client, places.settings(root), {
    codec: settingsCodec,
    default: firstSettings,
  });
  for (const settings of [
    { greeting: "good day", holdMs: 250 },
    { greeting: "good night", holdMs: 500 },
  ]) {
    stage.say(`the setting is changed: greeting "${settings.greeting}", turns of ${settings.holdMs} ms`);
    await config.set(settings);
    await happens(`everybody has "${settings.greeting}"`, () =>
      cast.living.every(({ greeting }) => greeting === settings.greeting),
    );
    await breathe(script.signal);
  }
}

async function serviceScene({ client, cast, stage, root, happens }: Script): Promise<void> {
  stage.scene("Services: they come and go, and whoever looks for them knows");
  await using registry = new ServiceRegistry(client, { basePath: places.services(root) });
  await using service = await registry.discover(serviceName);
  stage.say(`${serviceName} is at ${addresses(service)}`);
  const diana = cast.enter("diana");
  await happens("diana is discovered", () => service.instances.some(({ id }) => id === diana.name));
  stage.say(`diana came: ${serviceName} is at ${addresses(service)}`);
  await happens("diana has had the lock", () => diana.lock === "holds");
  await cast.dismiss(diana);
  await happens("diana has gone", () => service.instances.every(({ id }) => id !== diana.name));
  stage.say(`diana went: ${serviceName} is at ${addresses(service)}`);
}

function addresses(service: Service): string {
  return [...service.instances]
    .sort((a, b) => a.id.localeCompare(b.id))
    .map(({ id, address, port }) => `${address}:${port} (${id})`)
    .join(", ");
}

async function aliveScene({ client, cast, stage, root, happens }: Script): Promise<void> {
  stage.scene("Who is alive");
  const group = new Group(client, places.group(root));
  const expected = cast.living.map(({ name }) => name).sort();
  const alive = async (): Promise<string[]> => (await group.members()).map(({ id }) => id).sort();
  await happens("exactly those are alive who run", async () => (await alive()).join() === expected.join());
  for (const { name, end } of cast.players)
    stage.say(`${name}: ${end === undefined ? "alive" : `not alive, was ${end}`}`);
}
