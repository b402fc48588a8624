import type { Entry, History, Hold, Register } from "../history/history.ts";
import { crowds } from "./exclusion.ts";
import { aliveSpans, byBeginning, capacityOf, evictionOf, holdsOf, nameOf, spanOf } from "./spans.ts";

/**
 * No fenced write of a stale holder was applied. By the cluster's order alone: none after the first sign of a successor it would have to
 * exclude, and none after the holder's znode was deleted by an operator.
 */
export function fencing(history: History): string[] {
  return history.registers.flatMap((register) => [...stale(history, register), ...afterEviction(history, register)]);
}

function stale(history: History, { recipe, entries }: Register): string[] {
  const alive = new Map(aliveSpans(history, recipe, "zxid").map((span) => [span.hold.id, span]));
  const written = byHold(entries);
  const spans = holdsOf(history, recipe).flatMap((hold) => {
    const span = alive.get(hold.id);
    const writes = (written.get(hold.id) ?? []).map(({ zxid }) => zxid);
    return spanOf(hold, span === undefined ? writes : [span.from, span.to, ...writes]);
  });
  return crowds(spans.sort(byBeginning), capacityOf(recipe, history)).flatMap(({ at, holds }) => {
    const late = holds.flatMap(({ hold, from }) => (from < at && writtenAfter(at, written.get(hold.id)) ? [hold] : []));
    if (late.length === 0) return [];
    const others = holds.flatMap(({ hold }) => (late.includes(hold) ? [] : nameOf(hold)));
    const names = late.map((hold) => nameOf(hold)).join(" and ");
    return [`${recipe}: after zxid ${at}, when ${others.join(" and ")} held, a write of ${names} was applied`];
  });
}

function writtenAfter(at: bigint, entries: readonly Entry[] = []): boolean {
  return entries.some(({ zxid }) => zxid > at);
}

function afterEviction(history: History, { recipe, entries }: Register): string[] {
  const byId = new Map<string, Hold>(holdsOf(history, recipe).map((hold) => [hold.id, hold]));
  return entries.flatMap(({ zxid, hold: id }) => {
    const hold = byId.get(id);
    const eviction = hold && evictionOf(history, hold);
    if (hold === undefined || eviction === undefined || zxid < eviction.zxid) return [];
    return [`${recipe}: a write of ${nameOf(hold)} was applied at zxid ${zxid}, its znode gone since ${eviction.zxid}`];
  });
}

function byHold(entries: readonly Entry[]): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.hold);
    if (group === undefined) groups.set(entry.hold, [entry]);
    else group.push(entry);
  }
  return groups;
}
