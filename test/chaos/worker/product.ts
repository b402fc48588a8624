import type { Client } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { type Lock, Mutex, ReadWriteLock, Semaphore } from "@quorate/lock";
import type { Seeded } from "../../faults/support/seeded.ts";
import type { RecipeName } from "../history/records.ts";
import type { Bounds, Contended } from "./contended.ts";
import { pathsOf } from "./paths.ts";
import type { Settings } from "./settings.ts";

/** A recipe of the product. */
export function product(client: Client, recipe: RecipeName, settings: Settings, random: Seeded): Contended {
  const { root, name: id, limit } = settings;
  const path = pathsOf(root, recipe).lock;
  const onSuspended = random.float() < 0.5 ? "abort" : "hold-until-deadline";
  switch (recipe) {
    case "mutex": {
      const mutex = new Mutex(client, path, { id, onSuspended });
      return ofLock(() => ({ lock: mutex, options: {}, isShared: false, permits: 1 }));
    }
    case "read-write": {
      const lock = new ReadWriteLock(client, path, { id, onSuspended });
      return ofLock(() => {
        const isShared = random.float() < 0.6;
        return { lock: isShared ? lock.read : lock.write, options: {}, isShared, permits: 1 };
      });
    }
    case "semaphore": {
      const semaphore = new Semaphore(client, path, { limit, id, onSuspended });
      return ofLock(() => {
        const permits = random.float() < 0.3 ? 2 : 1;
        return { lock: semaphore, options: { permits }, isShared: false, permits };
      });
    }
    case "latch":
      return ofLatch(new LeaderLatch(client, path, { id, onSuspended }), random);
  }
}

type AnyLock = Pick<Lock<Bounds & { permits?: number }>, "acquire" | "tryAcquire">;

function ofLock(
  choose: () => { lock: AnyLock; options: { permits?: number }; isShared: boolean; permits: number },
): Contended {
  return {
    canTry: true,
    ask: async (asking) => {
      const { lock, options, isShared, permits } = choose();
      const lease =
        asking.kind === "try" ? await lock.tryAcquire(options) : await lock.acquire({ ...options, ...asking.bounds });
      return lease && { lease, isShared, permits, release: () => lease.release() };
    },
  };
}

/** A term as a lease: won by iterating, and given up by resigning or by leaving the iteration. */
function ofLatch(latch: LeaderLatch, random: Seeded): Contended {
  return {
    canTry: false,
    ask: async (asking) => {
      const terms = latch.terms(asking.kind === "wait" ? { signal: asking.bounds.signal } : {});
      const { value: term } = await terms.next();
      if (term === undefined) return undefined;
      const release = async (): Promise<void> => {
        if (random.float() < 0.5) await term.resign();
        await terms.return?.();
      };
      return { lease: term, isShared: false, permits: 1, release };
    },
  };
}
