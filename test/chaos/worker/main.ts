/**
 * One contender, a process of its own: uses every recipe at once, again and again, and logs what it sees (`../history/records.ts`). Finishes
 * when its input ends, and then ends by itself: what keeps it alive was left behind.
 */
import { argv, pid, ppid, stdin } from "node:process";
import { type Client, ConnectError, type ConnectOptions, connect } from "@quorate/core";
import { type RecipeName, recipes } from "../history/records.ts";
import { RecipeLoop, textOf } from "./contender.ts";
import { Log } from "./log.ts";
import type { Settings } from "./settings.ts";

const settings = JSON.parse(argv[2] ?? "{}") as Settings;
const log = new Log(settings.logFile);
const finishing = new AbortController();
stdin.resume().on("end", () => {
  log.add({ kind: "finishing" });
  finishing.abort();
});

// Nobody is left to wait for, and no proxy to connect through, once whoever runs this is gone.
setInterval(() => {
  if (process.ppid !== ppid) process.exit(1);
}, 1_000).unref();

/** There may be no quorum just now. */
async function connectAnyway(servers: string, options: ConnectOptions): Promise<Client> {
  for (;;) {
    try {
      return await connect(servers, options);
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
    }
  }
}

async function followSessions(client: Client, of: "contender" | "witness", signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const session = await client.whenConnected({ signal }).catch(() => undefined);
    if (session === undefined) return;
    const id = String(session.id);
    log.add({ kind: "session", of, id });
    await new Promise<void>((resolve) => {
      if (session.signal.aborted) resolve();
      else session.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    log.add({ kind: "session-ended", of, id, why: String(session.signal.reason) });
  }
}

process.on("uncaughtExceptionMonitor", (error) => log.add({ kind: "failure", what: `uncaught: ${textOf(error)}` }));

const { connectString, witnessConnectString, sessionTimeoutMs } = settings;
const closing = new AbortController();
const client = await connectAnyway(connectString, { sessionTimeoutMs });
const witness = await connectAnyway(witnessConnectString, { sessionTimeoutMs: 10_000 });
const following = [
  followSessions(client, "contender", closing.signal),
  followSessions(witness, "witness", closing.signal),
];
log.add({ kind: "started", pid });

let numbers = 0;
const nextNumber = (): number => ++numbers;
const mine = Object.keys(settings.recipes) as RecipeName[];
await Promise.all(
  mine.map((recipe) => {
    const seed = settings.seed ^ Math.imul(recipes.indexOf(recipe) + 1, 0x27d4eb2f);
    return new RecipeLoop(client, witness, recipe, { settings, log, seed, nextNumber }).run(finishing.signal);
  }),
);
closing.abort();
await client.close();
await witness.close();
await Promise.all(following);
log.add({ kind: "bye" });
