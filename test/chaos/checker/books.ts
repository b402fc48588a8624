import type { Entry, History, Hold, Register, Write } from "../history/history.ts";
import { holdsOf } from "./spans.ts";

/** What the writers say of their writes is what the servers have: nothing lost, nothing twice, nothing that was called refused. */
export function books(history: History): string[] {
  return history.registers.flatMap((register) => [
    ...ofServers(history, register),
    ...ofWriters(history, register),
    ...sameVersionTwice(history, register),
  ]);
}

function ofServers(history: History, { recipe, version, entries }: Register): string[] {
  const found: string[] = [];
  if (version !== entries.length) found.push(`${recipe}: written ${version} times, ${entries.length} entries`);
  const holds = new Map(holdsOf(history, recipe).map((hold) => [hold.id, hold]));
  const seen = new Set<string>();
  for (const entry of entries) {
    const hold = holds.get(entry.hold);
    const write = hold?.writes.find(({ number }) => number === entry.write);
    if (hold === undefined || write === undefined) found.push(`${recipe}: nobody knows of ${inWords(entry)}`);
    else if (hold.token !== entry.token) found.push(`${recipe}: ${inWords(entry)} has the token ${entry.token}`);
    else if (write.outcome === "refused") found.push(`${recipe}: ${inWords(entry)} was refused (${write.code})`);
    if (seen.has(keyOf(entry))) found.push(`${recipe}: ${inWords(entry)} was applied twice`);
    seen.add(keyOf(entry));
  }
  return found;
}

function ofWriters(history: History, { recipe, entries }: Register): string[] {
  const places = new Map(entries.map((entry, index) => [keyOf(entry), { zxid: entry.zxid, version: index + 1 }]));
  return holdsOf(history, recipe).flatMap((hold) =>
    hold.writes.flatMap((write) => {
      if (write.outcome !== "applied") return [];
      const place = places.get(keyOf({ hold: hold.id, write: write.number }));
      if (place?.zxid === write.zxid && place.version === write.version) return [];
      return [
        `${recipe}: ${told(hold, write)}; the servers have ${place ? `${place.zxid}, ${place.version}` : "nothing"}`,
      ];
    }),
  );
}

/** Two answers with one version contradict each other, whatever clients do: the servers have lost a write that they had acknowledged. */
function sameVersionTwice(history: History, { recipe }: Register): string[] {
  const first = new Map<number, string>();
  return holdsOf(history, recipe).flatMap((hold) =>
    hold.writes.flatMap((write) => {
      if (write.outcome !== "applied") return [];
      const other = first.get(write.version);
      first.set(write.version, told(hold, write));
      return other === undefined ? [] : [`${recipe}: the servers lost a write: ${told(hold, write)}; ${other}`];
    }),
  );
}

function told({ id }: Hold, write: Extract<Write, { outcome: "applied" }>): string {
  return `write ${write.number} of ${id} was answered with zxid ${write.zxid}, version ${write.version}`;
}

function keyOf({ hold, write }: Pick<Entry, "hold" | "write">): string {
  return `${hold} ${write}`;
}

function inWords({ zxid, hold, write }: Entry): string {
  return `write ${write} of ${hold} at zxid ${zxid}`;
}
