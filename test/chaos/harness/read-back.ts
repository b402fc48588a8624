import type { Client } from "@quorate/core";
import type { Entry, Eviction, Register } from "../history/history.ts";
import { type RecipeName, recipes } from "../history/records.ts";
import { evictionsOf, pathsOf } from "../worker/paths.ts";

const atOnce = 200;

/** What the servers have of all fenced writes. */
export async function readRegisters(client: Client, root: string): Promise<Register[]> {
  await client.sync(root);
  return Promise.all(
    recipes.map(async (recipe) => {
      const { register, entries } = pathsOf(root, recipe);
      const { stat } = await client.get(register);
      return { recipe, version: stat.version, entries: (await childrenOf(client, entries, entryOf)).sort(byZxid) };
    }),
  );
}

export async function readEvictions(client: Client, root: string): Promise<Eviction[]> {
  return childrenOf(client, evictionsOf(root), (content, zxid) => {
    const { recipe, token, at } = content as { recipe: RecipeName; token: string; at: number };
    return { recipe, token: BigInt(token), at, zxid };
  });
}

function entryOf(content: unknown, zxid: bigint): Entry {
  const { hold, write, token } = content as { hold: string; write: number; token: string };
  return { zxid, hold, write, token: BigInt(token) };
}

async function childrenOf<T>(client: Client, path: string, read: (content: unknown, czxid: bigint) => T): Promise<T[]> {
  const names = await client.children(path);
  const found: T[] = [];
  for (let from = 0; from < names.length; from += atOnce) {
    const some = names.slice(from, from + atOnce).map(async (name) => {
      const { data, stat } = await client.get(`${path}/${name}`);
      return read(JSON.parse(Buffer.from(data ?? []).toString()), stat.czxid);
    });
    found.push(...(await Promise.all(some)));
  }
  return found;
}

function byZxid(a: Entry, b: Entry): number {
  return a.zxid < b.zxid ? -1 : 1;
}
