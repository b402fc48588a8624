import { NoNodeError } from "@quorate/core";
import { eventually } from "../../support/eventually.ts";
import { recipes } from "../history/records.ts";
import { pathsOf } from "../worker/paths.ts";
import type { Arena } from "./arena.ts";

/** What is in ZooKeeper that nobody should have left: asked until there is nothing, as sessions of the killed take their time. */
export async function leftovers(arena: Arena): Promise<readonly string[]> {
  let left: readonly string[] = ["could not look"];
  const look = async (): Promise<boolean> => {
    left = [...(await sessions(arena)), ...(await contenders(arena))];
    return left.length === 0;
  };
  await eventually(look, { boundMs: 60_000, intervalMs: 250 }).catch(() => {});
  return left;
}

/** Sessions but the observer's, and ephemeral znodes, in the leader's words. */
async function sessions({ ensemble, observer }: Arena): Promise<string[]> {
  const leader = await eventually(() => ensemble.leader());
  const dump = await ensemble.fourLetter(leader.id, "dump");
  const own = `0x${BigInt.asUintN(64, observer.session.id).toString(16)}`;
  const [live = "", ephemeral = ""] = dump.split("ephemeral nodes dump:");
  const ids = [...live.matchAll(/^\s+(0x[0-9a-f]+)/gm)].flatMap(([, id]) => (id === own ? [] : [`session ${id}`]));
  const znodes = [...ephemeral.matchAll(/^\s+(\/.+)$/gm)].map(([, path]) => `ephemeral ${path}`);
  return [...ids, ...znodes];
}

async function contenders({ observer, root }: Arena): Promise<string[]> {
  const directories = recipes.flatMap((recipe) => {
    const { lock } = pathsOf(root, recipe);
    return recipe === "semaphore" ? [`${lock}/locks`, `${lock}/leases`] : [lock];
  });
  await observer.sync(root);
  const left: string[] = [];
  for (const directory of directories) {
    try {
      left.push(...(await observer.children(directory)).map((name) => `${directory}/${name}`));
    } catch (error) {
      // Nobody came, or the servers have reaped the container.
      if (!(error instanceof NoNodeError)) throw error;
    }
  }
  return left;
}
