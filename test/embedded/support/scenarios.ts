import type { Client, Lease } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { EphemeralNode, Group, type KeepOptions } from "@quorate/liveness";
import { type Lock, MultiLock, Mutex, ReadWriteLock, Semaphore } from "@quorate/lock";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lined } from "../../support/lock-line.ts";

/** What becomes of a request: lost before it is applied, applied and its answer lost, or its session ends after it. */
export type Fault = "before" | "after" | "expired";

/** What a scenario has to do with: the client whose requests fail, and one of others that are left alone. */
export interface Scene {
  readonly client: Client;
  readonly other: Client;
  readonly path: string;
}

export interface Scenario {
  readonly name: string;
  readonly excludes?: Fault;
  /** What others do beforehand. */
  readonly prepare?: (scene: Scene) => Promise<unknown>;
  /** Uses a recipe through `client` and gives everything back. Whatever of its requests fails, it comes to its end. */
  readonly run: (scene: Scene) => Promise<void>;
}

const noWaiting = 10_000_000;

/** Holds the lock for a moment; by the servers' word it is this session's. */
async function hold(lock: Lock, { other, path }: Scene): Promise<void> {
  const lease = await lock.acquire();
  try {
    await other.sync(path);
    lease.assertHeld();
    expect(lease.fencingToken).toBeGreaterThan(0n);
  } finally {
    await lease.release();
  }
}

/** Waits behind another holder, who goes as soon as there is someone behind. */
async function holdBehind(lock: Lock, others: Lock, scene: Scene, line: string): Promise<void> {
  const held = await others.acquire();
  const holding = hold(lock, scene);
  holding.catch(() => {});
  await lined(scene.other, line, 2);
  await held.release();
  await holding;
}

const kept = (name: string, path: string, options: KeepOptions): Scenario => ({
  name,
  run: async ({ client, other, path: root }) => {
    const node = await EphemeralNode.keep(client, `${root}/${path}`, "1", options);
    await node.set("2");
    await other.sync(root);
    const at = node.state.kind === "present" ? node.state.path : undefined;
    const data = at === undefined ? undefined : await other.get(at).catch(() => undefined);
    if (data !== undefined) expect(Buffer.from(data.data ?? []).toString()).toMatch(/^[12]$/);
    await node.close();
  },
});

export const scenarios: readonly Scenario[] = [
  {
    name: "a mutex, its parents missing",
    run: (scene) => hold(new Mutex(scene.client, `${scene.path}/deep/l`), scene),
  },
  {
    name: "a mutex that another holds",
    run: (scene) => {
      const [mine, theirs] = [scene.client, scene.other].map((client) => new Mutex(client, `${scene.path}/l`));
      return holdBehind(mine as Mutex, theirs as Mutex, scene, `${scene.path}/l`);
    },
  },
  {
    name: "a mutex that is taken, tried",
    run: async ({ client, other, path }) => {
      await using held = await new Mutex(other, `${path}/l`).acquire();
      held.assertHeld();
      expect(await new Mutex(client, `${path}/l`).tryAcquire()).toBeUndefined();
    },
  },
  {
    name: "a mutex that is taken, given up",
    run: async ({ client, other, path }) => {
      await using held = await new Mutex(other, `${path}/l`).acquire();
      held.assertHeld();
      await expect(new Mutex(client, `${path}/l`).acquire({ timeoutMs: 15 })).rejects.toMatchObject({
        code: "TIMEOUT",
      });
    },
  },
  {
    name: "a mutex with a lock-delay, twice",
    // A loss would be waited out.
    excludes: "expired",
    run: async (scene) => {
      const mutex = new Mutex(scene.client, `${scene.path}/l`, { lockDelayMs: noWaiting });
      await hold(mutex, scene);
      await hold(mutex, scene);
    },
  },
  {
    name: "a mutex whose holder is asked to hand over",
    run: async ({ client, other, path }) => {
      const mutex = new Mutex(client, `${path}/l`);
      let tell: () => void = () => {};
      const told = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const lease = await mutex.acquire({ onRevoke: tell });
      const revoke = (): Promise<boolean> => new Mutex(other, `${path}/l`).revoke();
      // The same said twice is said once.
      await revoke().catch(revoke);
      await Promise.race([told, lostOf(lease)]);
      await lease.release();
    },
  },
  {
    name: "a reader behind a writer, then a writer that becomes a reader",
    run: async (scene) => {
      const [mine, theirs] = [scene.client, scene.other].map((client) => new ReadWriteLock(client, `${scene.path}/rw`));
      if (mine === undefined || theirs === undefined) return;
      await holdBehind(mine.read, theirs.write, scene, `${scene.path}/rw`);
      const writer = await mine.write.acquire();
      const reader = await writer.downgrade();
      reader.assertHeld();
      await reader.release();
    },
  },
  {
    name: "permits of a semaphore with a shared limit, behind another",
    prepare: ({ other, path }) => new Semaphore(other, `${path}/s`, { limit: { path: `${path}/limit` } }).setLimit(3),
    run: async ({ client, other, path }) => {
      const limit = { path: `${path}/limit` };
      const held = await new Semaphore(other, `${path}/s`, { limit }).acquire();
      const waiting = new Semaphore(client, `${path}/s`, { limit }).acquire({ permits: 3 });
      waiting.catch(() => {});
      await lined(other, `${path}/s/locks`, 1);
      await held.release();
      const lease = await waiting;
      await Promise.race([lined(other, `${path}/s/leases`, 3), lostOf(lease)]);
      lease.assertHeld();
      await lease.release();
    },
  },
  {
    name: "several locks, one of them held",
    run: (scene) => {
      const paths = ["a", "b", "c"].map((name) => `${scene.path}/${name}`);
      const theirs = new Mutex(scene.other, `${scene.path}/b`);
      return holdBehind(new MultiLock(scene.client, paths), theirs, scene, `${scene.path}/b`);
    },
  },
  {
    name: "a term of a latch, behind another's",
    run: async ({ client, other, path }) => {
      const terms = new LeaderLatch(other, `${path}/latch`, { id: "other" }).terms();
      const { value: first } = await terms.next();
      const latch = new LeaderLatch(client, `${path}/latch`, { id: "mine", priority: 1 });
      const leading = latch.run((term) => term.proclaim("mine").catch(unlessUnknown));
      leading.catch(() => {});
      await lined(other, `${path}/latch`, 2);
      expect(first?.signal.aborted).toBe(false);
      await terms.return?.();
      await leading;
    },
  },
  kept("a kept node, its parents missing", "deep/node", {}),
  kept("a kept sequential node", "node-", { mode: "ephemeral-sequential" }),
  kept("a kept container", "container", { mode: "container" }),
  kept("a kept TTL node", "ttl", { mode: "ttl", ttlMs: 60_000 }),
  {
    name: "a member in the place of one that is gone",
    prepare: ({ other, path }) => other.create(`${path}/group/id`, "old", { mode: "ephemeral", parents: "container" }),
    run: async ({ client, path }) => {
      const group = new Group(client, `${path}/group`);
      const member = await group.join("id", "new");
      await eventually(async () => member.isPresent && (await group.members()).map(({ id }) => id).join() === "id");
      await member.close();
    },
  },
];

function lostOf({ signal }: Lease): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", resolve, { once: true });
  });
}

/** A write whose answer was lost may have been applied, and one after the term's end was not. */
function unlessUnknown(error: unknown): void {
  expect(["CONNECTION_LOSS", "LEASE_LOST", "SESSION_EXPIRED"]).toContain((error as { readonly code?: string }).code);
}

/** What a scenario may fail with when its session ends under it. */
export function isLoss(error: unknown): boolean {
  return ["LEASE_LOST", "SESSION_EXPIRED"].includes((error as { readonly code?: string }).code ?? "");
}
