import { type Client, NoNodeError } from "@quorate/core";
import { type Bounds, inOrder, joinPath, type WaitingLine } from "@quorate/core/recipe";
import { idOf, type Leader, type Participant, priorityOf } from "./participant.ts";
import { decodeProclamation } from "./proclamation.ts";

/** In the order in which they would lead. Whoever leaves while they are read is left out. */
export async function readParticipants(client: Client, line: WaitingLine, bounds: Bounds): Promise<Participant[]> {
  const names = await readNames(client, line, bounds);
  const found = await Promise.all(
    names.map(async (name) => {
      const node = await unlessGone(client.get(joinPath(line.directory, name), bounds));
      return node && { id: idOf(node.data), fencingToken: node.stat.czxid, priority: priorityOf(name) };
    }),
  );
  return found
    .filter((participant) => participant !== undefined)
    .map((participant, index) => ({ ...participant, isLeader: index === 0 }));
}

export async function readLeader(client: Client, line: WaitingLine, bounds: Bounds): Promise<Leader | undefined> {
  for (;;) {
    const [first] = await readNames(client, line, bounds);
    if (first === undefined) return undefined;
    const [leader, directory] = await Promise.all([
      unlessGone(client.get(joinPath(line.directory, first), bounds)),
      unlessGone(client.get(line.directory, bounds)),
    ]);
    if (leader === undefined) continue;
    const fencingToken = leader.stat.czxid;
    const data = decodeProclamation(directory?.data ?? null, fencingToken);
    return { id: idOf(leader.data), fencingToken, data };
  }
}

async function readNames(client: Client, { directory, marker }: WaitingLine, bounds: Bounds): Promise<string[]> {
  // The server in use may lag behind: without this a leader just elected might not be seen.
  await client.sync(directory, bounds);
  const names = (await unlessGone(client.children(directory, bounds))) ?? [];
  return inOrder(names, marker).map(({ name }) => name);
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}
