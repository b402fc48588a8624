/**
 * Three processes take turns on one lock. One is killed while it holds the lock; the next takes over once ZooKeeper has given up the
 * dead one's session. On the embedded server, or on the ensemble QUORATE_CONNECT names. Ends by itself.
 */
import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { EmbeddedServer } from "@quorate/testing";
import type { ContenderEvent } from "./events.ts";

const names = ["anna", "boris", "chloe"];
const turnsBeforeTheKill = 4;
const turnsAfterTheKill = 4;
const sessionTimeoutMs = 2000;
const holdMs = 500;
/** The demo gives up, with exit status 1, when it is not through by then. */
const boundMs = 20_000;

const contenderFile = fileURLToPath(new URL(`contender${extname(import.meta.url)}`, import.meta.url));

const startedAt = performance.now();

function say(line: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}

/** Resolves when all turns have been taken. */
async function takeTurns(servers: string): Promise<void> {
  const path = `/quorate-demo-${process.pid}`;
  const contenders = new Map<string, ChildProcess>();
  let turns = 0;
  let victim: string | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const holds = (name: string, token: string): void => {
        turns++;
        const after = victim !== undefined && turns === turnsBeforeTheKill + 2 ? " - it has taken over" : "";
        say(`${name} holds the lock, fencing token ${token}${after}`);
        if (turns === turnsBeforeTheKill + 1) {
          victim = name;
          say(`${name} is killed while it holds the lock; its session lives on for up to ${sessionTimeoutMs / 1000} s`);
          contenders.get(name)?.kill("SIGKILL");
        }
        if (turns > turnsBeforeTheKill + 1 + turnsAfterTheKill) resolve();
      };
      for (const name of names) {
        const child = fork(contenderFile, [servers, path, String(sessionTimeoutMs), String(holdMs)]);
        contenders.set(name, child);
        child.on("message", (event: ContenderEvent) => {
          if (event.type === "holding") holds(name, event.token);
        });
        child.on("exit", () => {
          if (name !== victim) reject(new Error(`${name} ended by itself`));
        });
      }
      setTimeout(() => reject(new Error(`not through within ${boundMs / 1000} s`)), boundMs).unref();
    });
  } finally {
    for (const child of contenders.values()) {
      child.removeAllListeners("exit");
      child.kill();
    }
  }
}

const given = env["QUORATE_CONNECT"];
if (given) {
  say(`on the ensemble at ${given}`);
  await takeTurns(given);
} else {
  await using server = await EmbeddedServer.start({ tickTimeMs: 200 });
  say(`on an embedded server at ${server.connectString}: in memory, for development and tests`);
  await takeTurns(server.connectString);
  say("done. On a real ensemble: QUORATE_CONNECT=zk1:2181,zk2:2181,zk3:2181 npm run demo");
}
