import type { Alive, Contender, Ending, Hold, Wait, Write } from "./history.ts";
import type { LogRecord, RecipeName } from "./records.ts";

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };
interface HoldDraft extends Draft<Omit<Hold, "alive" | "writes">> {
  readonly alive: Alive[];
  readonly writes: Map<number, Write>;
}

/** What one process's log tells. Pure. */
export function contenderFrom(
  name: string,
  recipes: readonly RecipeName[],
  records: readonly LogRecord[],
  ending: Ending,
): Contender {
  const waits = new Map<number, Draft<Wait>>();
  const holds = new Map<number, HoldDraft>();
  const failures: string[] = [];
  let finishingAt: number | undefined;
  let saidBye = false;
  for (const record of records) {
    const { at } = record;
    switch (record.kind) {
      case "wait":
        waits.set(record.wait, { id: `${name}/${record.wait}`, ...pick(record), at, outcome: undefined });
        break;
      case "waited":
        need(waits, record.wait).outcome = record.outcome;
        break;
      case "begin": {
        const { hold, recipe, isShared, permits, token, isAlive } = record;
        const askedAt = need(waits, hold).at;
        const holder = { id: `${name}/${hold}`, recipe, isShared, permits, token: BigInt(token), askedAt };
        const alive = isAlive ? [{ at, zxid: undefined }] : [];
        holds.set(hold, { ...holder, alive, writes: new Map(), lost: undefined, releasedAt: undefined });
        break;
      }
      case "alive":
        need(holds, record.hold).alive.push({ at, zxid: BigInt(record.zxid) });
        break;
      case "writing":
        need(holds, record.hold).writes.set(record.write, { number: record.write, outcome: "unknown" });
        break;
      case "written": {
        const { write: number, zxid, version } = record;
        need(holds, record.hold).writes.set(number, { number, outcome: "applied", zxid: BigInt(zxid), version });
        break;
      }
      case "not-written": {
        const { write: number, isRefused, code } = record;
        if (isRefused) need(holds, record.hold).writes.set(number, { number, outcome: "refused", code });
        break;
      }
      case "lost":
        need(holds, record.hold).lost = { at, reason: record.reason };
        break;
      case "released":
        need(holds, record.hold).releasedAt = at;
        break;
      case "failure":
        failures.push(record.what);
        break;
      case "finishing":
        finishingAt = at;
        break;
      case "bye":
        saidBye = true;
        break;
      case "started":
      case "session":
      case "session-ended":
      case "release":
        break;
    }
  }
  return {
    name,
    recipes,
    ending,
    finishingAt,
    saidBye,
    waits: [...waits.values()],
    holds: [...holds.values()].map((hold) => ({ ...hold, writes: [...hold.writes.values()] })),
    failures,
  };
}

function pick({ recipe, asked }: Pick<Wait, "recipe" | "asked">): Pick<Wait, "recipe" | "asked"> {
  return { recipe, asked };
}

function need<T>(found: ReadonlyMap<number, T>, number: number): T {
  const value = found.get(number);
  if (value === undefined) throw new Error(`the log speaks of ${number} before it began`);
  return value;
}
