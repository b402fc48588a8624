import type { Client } from "@quorate/core";
import { eventually } from "../../support/eventually.ts";
import type { Servers } from "../../support/servers.ts";

/** The sessions that live, in the leader's words: only the leader ends them. */
export async function liveSessions(ensemble: Servers): Promise<ReadonlySet<bigint>> {
  const leader = await eventually(() => ensemble.leader());
  const [sessions] = (await ensemble.fourLetter(leader.id, "dump")).split("ephemeral nodes dump:");
  return new Set([...(sessions ?? "").matchAll(/^\s+(0x[0-9a-f]+)/gm)].map(([, id]) => BigInt(id as string)));
}

export async function isLive(ensemble: Servers, sessionId: bigint): Promise<boolean> {
  return (await liveSessions(ensemble)).has(BigInt.asUintN(64, sessionId));
}

/** The members that have a connection of this session, in their own words. Those that do not answer are left out. */
export async function membersServing(ensemble: Servers, sessionId: bigint): Promise<readonly number[]> {
  const sid = `sid=0x${BigInt.asUintN(64, sessionId).toString(16)},`;
  const serving: number[] = [];
  for (const { id, mode } of await ensemble.status()) {
    if (mode === "stopped" || mode === "unreachable") continue;
    if ((await ensemble.fourLetter(id, "cons")).includes(sid)) serving.push(id);
  }
  return serving;
}

/** The one member that serves the session, once there is exactly one. */
export function memberOf(ensemble: Servers, client: Client): Promise<number> {
  return eventually(async () => {
    const [id, ...others] = await membersServing(ensemble, client.session.id);
    return others.length === 0 ? id : undefined;
  });
}

export async function idOf(ensemble: Servers, mode: "leader" | "follower"): Promise<number> {
  return eventually(async () => (await ensemble.status()).find((member) => member.mode === mode)?.id);
}

/** Paths and data of everything at and below `path` as one member has it, behind a `sync`. */
export async function treeAt(observer: Client, path: string): Promise<ReadonlyMap<string, string>> {
  await observer.sync(path);
  const tree = new Map<string, string>();
  const visit = async (at: string): Promise<void> => {
    const { data } = await observer.get(at);
    tree.set(at, data === null ? "" : Buffer.from(data).toString());
    for (const name of await observer.children(at)) await visit(`${at}/${name}`);
  };
  await visit(path);
  return tree;
}
