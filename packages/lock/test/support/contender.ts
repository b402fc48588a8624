import { type Client, connect, type Lease } from "@quorate/core";
import { FakeDriver, type FakeSession } from "../../../core/test/support/fake-driver.ts";
import { turns } from "../../../core/test/support/turns.ts";
import type { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { Mutex } from "../../src/mutex/mutex.ts";

let made = 0;

/** A client of its own, whose sessions are served from a shared tree. */
export class Contender {
  readonly client: Client;
  readonly driver: FakeDriver;

  private constructor(client: Client, driver: FakeDriver) {
    this.client = client;
    this.driver = driver;
  }

  static async connect(tree: ZnodeTree, options: { readonly operationTimeoutMs?: number } = {}): Promise<Contender> {
    const driver = new FakeDriver(tree, 100n * BigInt(++made));
    const who = made;
    let ids = 0;
    const random = { float: () => 0, uuid: () => `${who}.${++ids}` };
    const connecting = connect("zk", { driver, random, ...options });
    await turns();
    await driver.session.connect();
    return new Contender(await connecting, driver);
  }

  get session(): FakeSession {
    return this.driver.session;
  }

  /** The session ends at the server and here, and the next one is served. */
  async loseSession(): Promise<void> {
    const { session } = this;
    await session.endAtServer();
    await session.expire();
    await this.session.connect();
  }
}

/** Serves everybody until nobody asks for anything any more. */
export async function serveAll(...contenders: readonly Contender[]): Promise<void> {
  for (let quiet = false; !quiet; ) {
    await turns();
    quiet = true;
    for (const { session } of contenders) {
      if (session.open.length === 0) continue;
      quiet = false;
      await session.serve();
    }
  }
}

/** The mutex every test contends for, at `/l`. */
export function mutexOf({ client }: Contender): Mutex {
  return new Mutex(client, "/l");
}

export async function acquired(contender: Contender): Promise<Lease> {
  const acquiring = mutexOf(contender).acquire();
  await serveAll(contender);
  return acquiring;
}

export async function released(contender: Contender, lease: Lease): Promise<void> {
  const releasing = lease.release();
  await serveAll(contender);
  await releasing;
}
