import type { Contender, Entry, History, Hold, Write } from "../history/history.ts";
import type { RecipeName } from "../history/records.ts";

/** Hand-made histories, for the tests of the checker. */
export interface HandMade extends Partial<Omit<Hold, "alive" | "token">> {
  readonly recipe: RecipeName;
  readonly token: number;
  /** Zxids at which it was alive; the clock shows a thousand times as much. */
  readonly alive?: readonly number[];
  readonly written?: readonly number[];
}

/**
 * One contender per hold, all in order but for what `holds` say, and for the differences to that. `written` zxids are both in the register and
 * in the writers' books.
 */
export function historyWith(holds: readonly HandMade[], differences: Partial<History> = {}): History {
  const entries: (Entry & { recipe: RecipeName })[] = [];
  for (const [index, { recipe, token, written = [] }] of holds.entries()) {
    for (const [at, zxid] of written.entries()) {
      entries.push({ recipe, zxid: BigInt(zxid), hold: `p${index + 1}/1`, write: at + 1, token: BigInt(token) });
    }
  }
  entries.sort((a, b) => Number(a.zxid - b.zxid));
  const used = [...new Set(holds.map(({ recipe }) => recipe))];
  const registers = used.map((recipe) => {
    const own = entries.filter((entry) => entry.recipe === recipe);
    return { recipe, version: own.length, entries: own };
  });
  const contenders = holds.map((hold, index) => contenderWith(hold, index, registers));
  return { contenders, registers, evictions: [], left: [], limit: 3, ...differences };
}

function contenderWith(handMade: HandMade, index: number, registers: History["registers"]): Contender {
  const { alive = [], ...given } = handMade;
  const name = `p${index + 1}`;
  const id = `${name}/1`;
  const writes = registers.flatMap(({ recipe, entries }) =>
    recipe === given.recipe
      ? entries.flatMap(({ hold, write, zxid }, place): Write[] =>
          hold === id ? [{ number: write, outcome: "applied", zxid, version: place + 1 }] : [],
        )
      : [],
  );
  const hold: Hold = {
    id,
    isShared: false,
    permits: 1,
    askedAt: 1,
    writes,
    lost: undefined,
    releasedAt: 1_000_000_000,
    ...given,
    token: BigInt(given.token),
    alive: alive.map((zxid) => ({ at: zxid * 1_000, zxid: BigInt(zxid) })),
  };
  const wait = { id, recipe: given.recipe, asked: "wait", at: 1, outcome: "held" } as const;
  return {
    name,
    recipes: [given.recipe],
    ending: { kind: "exited", status: 0, stderr: "" },
    finishingAt: 0,
    saidBye: true,
    waits: [wait],
    holds: [hold],
    failures: [],
  };
}
