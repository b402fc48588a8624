import { connect, type Driver, wireDriver } from "@quorate/core";
import { Mutex, Semaphore } from "@quorate/lock";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { netTransport } from "../../packages/core/src/transport/net-transport.ts";
import { lined } from "../support/lock-line.ts";
import { ownPath } from "../support/own-path.ts";

const { connectString } = inject("zookeeper");
const sessionTimeoutMs = 1_000;
/** Past the local deadline, a quarter before the servers' own. */
const blockedMs = 900;

let observer: Awaited<ReturnType<typeof connect>>;

beforeAll(async () => {
  observer = await connect(connectString);
});

afterAll(async () => {
  await observer?.close();
});

/**
 * A driver of a process that stands still right after the first request that names `path` has left: when it goes on, the answers are there,
 * and so is the session's deadline, before any timer could tell.
 */
function blockedAfter(path: string): { readonly driver: Driver; readonly wasBlocked: () => boolean } {
  let wasBlocked = false;
  const driver = wireDriver({
    transport: {
      ...netTransport,
      connect(target, events) {
        const stream = netTransport.connect(target, events);
        return {
          get queuedBytes() {
            return stream.queuedBytes;
          },
          write(bytes) {
            stream.write(bytes);
            if (wasBlocked || !Buffer.from(bytes).includes(path)) return;
            wasBlocked = true;
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockedMs);
          },
          destroy: () => stream.destroy(),
        };
      },
    },
  });
  return { driver, wasBlocked: () => wasBlocked };
}

/** Where it lines up is there already: the very first answers are those to be placed in line. */
async function preparedPath(): Promise<string> {
  const path = `${await ownPath(observer)}/lock`;
  for (const directory of ["locks", "leases"]) await observer.create(`${path}/${directory}`, null, { parents: true });
  return path;
}

test.each(["semaphore", "mutex with a delay"] as const)(
  "a %s is acquired all the same when the session was lost on the way",
  async (kind) => {
    const path = await preparedPath();
    const { driver, wasBlocked } = blockedAfter("lock-");
    await using client = await connect(connectString, { driver, sessionTimeoutMs });
    const { id } = client.session;
    const lock =
      kind === "semaphore" ? new Semaphore(client, path, { limit: 1 }) : new Mutex(client, path, { lockDelayMs: 1 });
    const lease = await lock.acquire();
    expect(wasBlocked()).toBe(true);
    expect(client.session.id).not.toBe(id);
    lease.assertHeld();
    await lease.release();
    await lined(observer, kind === "semaphore" ? `${path}/locks` : path, 0);
  },
);

test.each(["semaphore", "mutex with a delay"] as const)("trying a %s tells that the session was lost", async (kind) => {
  const path = await preparedPath();
  const { driver } = blockedAfter("lock-");
  await using client = await connect(connectString, { driver, sessionTimeoutMs });
  const lock =
    kind === "semaphore" ? new Semaphore(client, path, { limit: 1 }) : new Mutex(client, path, { lockDelayMs: 1 });
  await expect(lock.tryAcquire()).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
  await lined(observer, kind === "semaphore" ? `${path}/locks` : path, 0);
});
