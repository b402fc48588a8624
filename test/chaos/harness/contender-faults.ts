import { type Client, QuorateError } from "@quorate/core";
import { pause } from "@quorate/core/recipe";
import type { ReplyMatch } from "@quorate/testing";
import { isLive } from "../../faults/support/server-view.ts";
import { eventually } from "../../support/eventually.ts";
import { lineAt } from "../../support/lock-line.ts";
import type { ContenderFault, ContenderStep, DroppedRequest } from "../schedule/faults.ts";
import { now } from "../worker/log.ts";
import { evictionsOf, pathsOf } from "../worker/paths.ts";
import type { Arena } from "./arena.ts";
import type { Slot } from "./slot.ts";

interface Hit {
  readonly arena: Arena;
  readonly slot: Slot;
  readonly step: ContenderStep;
  readonly signal: AbortSignal;
}

/** Generous: there may be no leader to end a session for a while. */
const sessionEndBoundMs = 90_000;
const replyBoundMs = 5_000;
const longHoldBoundMs = 10_000;

/** Does it to its end: afterwards the contender can do what it likes again. @returns whether it came about */
export async function hitContender(arena: Arena, step: ContenderStep, signal: AbortSignal): Promise<boolean> {
  const slot = step.fault === "evict" ? await longHolder(arena) : victim(arena, step);
  if (slot === undefined) return false;
  slot.isBusy = true;
  try {
    return await faults[step.fault]({ arena, slot, step, signal });
  } finally {
    slot.isBusy = false;
  }
}

function victim(arena: Arena, { holderOf, choice }: ContenderStep): Slot | undefined {
  const holder = holderOf === undefined ? undefined : arena.holderOf(holderOf);
  if (holder !== undefined) return holder;
  const free = arena.slots.filter(({ isBusy }) => !isBusy);
  return free[Math.floor(choice * free.length)];
}

/** One who has only begun a long hold, so that its znode is still there when it is to be deleted. */
function longHolder({ slots }: Arena): Promise<Slot | undefined> {
  const find = (): Slot | undefined => slots.find(({ isBusy, process }) => !isBusy && process.holding(isLong));
  return eventually(find, { boundMs: longHoldBoundMs }).catch(() => undefined);
}

const isLong = (begun: { readonly isLong: boolean }): boolean => begun.isLong;

const faults: Readonly<Record<ContenderFault, (hit: Hit) => Promise<boolean>>> = {
  freeze: async ({ arena, slot, step, signal }) => {
    const { process } = slot;
    process.freeze();
    try {
      const isOver = await sessionEnd(arena, slot);
      await pause(step.forMs, signal);
      return isOver;
    } finally {
      process.thaw();
    }
  },

  hiccup: async ({ slot: { process }, step, signal }) => {
    process.freeze();
    await pause(step.forMs, signal);
    process.thaw();
    return true;
  },

  kill: async ({ slot, step, signal }) => {
    await slot.process.kill("killed");
    await pause(step.forMs, signal);
    slot.start();
    await slot.started();
    return true;
  },

  cut: async ({ slot }) => cut(slot) > 0,

  refuse: async ({ slot, step, signal }) => {
    slot.routes.mode = "refuse";
    const connections = cut(slot);
    await pause(step.forMs, signal);
    slot.routes.mode = "pass";
    return connections > 0;
  },

  blackhole: async ({ slot, step, signal }) => {
    slot.routes.mode = "blackhole";
    await pause(step.forMs, signal);
    slot.routes.mode = "pass";
    return true;
  },

  delay: async ({ slot, step, signal }) => {
    const restore = delayed(slot, step.delayMs);
    await pause(step.forMs * 2, signal);
    restore();
    return true;
  },

  "drop-reply": async ({ slot, step, signal }) => {
    const { dropped, cancel } = slot.routes.dropReply(requests[step.request]);
    let isDropped = false;
    const done = dropped.then(() => {
      isDropped = true;
    });
    await Promise.race([done, pause(replyBoundMs, signal)]);
    const result = isDropped;
    cancel();
    return result;
  },

  expire: async ({ arena, slot, step, signal }) => {
    slot.routes.mode = "blackhole";
    try {
      const isOver = await sessionEnd(arena, slot);
      await pause(step.forMs, signal);
      return isOver;
    } finally {
      slot.routes.mode = "pass";
    }
  },

  "early-loss": async ({ arena, slot: { process, routes } }) => {
    const id = process.sessionId();
    if (id === undefined) return false;
    routes.mode = "blackhole";
    try {
      await eventually(() => process.knowsEndOf(id), { boundMs: sessionEndBoundMs, intervalMs: 10 });
      return await isLive(arena.ensemble, id);
    } finally {
      routes.mode = "pass";
    }
  },

  evict: async ({ arena: { observer, root }, slot, step, signal }) => {
    const begun = slot.process.holding(isLong);
    if (begun === undefined) return false;
    const { recipe, token } = begun;
    const path = await holderPath(observer, pathsOf(root, recipe).lock, BigInt(token));
    if (path === undefined) return false;
    // It shall write before it can know.
    const restore = delayed(slot, step.delayMs);
    try {
      await pause(step.delayMs, signal);
      const told = JSON.stringify({ recipe, token, at: now() });
      const transaction = observer.transaction().delete(path);
      await transaction
        .create(`${evictionsOf(root)}/e-`, told, { mode: "persistent-sequential" })
        .commit({ timeoutMs: 5_000 });
      await pause(2 * step.delayMs, signal);
      return true;
    } catch (error) {
      // It went by itself, or no server answers.
      if (error instanceof QuorateError) return false;
      throw error;
    } finally {
      restore();
    }
  },
};

const requests: Readonly<Record<DroppedRequest, ReplyMatch>> = {
  create: { op: ["create", "create2"] },
  delete: { op: "delete" },
  multi: { op: "multi" },
  read: { op: ["getChildren2", "getChildren", "exists", "getData"] },
};

/** Whether its session, which can do nothing for itself, came to its end at the servers. */
async function sessionEnd({ ensemble }: Arena, { process }: Slot): Promise<boolean> {
  const id = process.sessionId();
  if (id === undefined) return false;
  await eventually(async () => !(await isLive(ensemble, id)), { boundMs: sessionEndBoundMs, intervalMs: 100 });
  return true;
}

function cut({ routes }: Slot): number {
  return [...routes.proxies.values()].reduce((count, proxy) => count + proxy.cut(), 0);
}

function delayed({ routes }: Slot, delayMs: number): () => void {
  const proxies = [...routes.proxies.values()];
  for (const proxy of proxies) proxy.delayMs = delayMs;
  return () => {
    for (const proxy of proxies) proxy.delayMs = 0;
  };
}

/** The holder's znode; undefined if it is gone, or no server answers. */
async function holderPath(observer: Client, lock: string, token: bigint): Promise<string | undefined> {
  try {
    for (const directory of [lock, `${lock}/leases`]) {
      for (const name of await lineAt(observer, directory)) {
        const path = `${directory}/${name}`;
        if ((await observer.exists(path))?.czxid === token) return path;
      }
    }
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
  }
  return undefined;
}
