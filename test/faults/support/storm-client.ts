import { type Client, connect, type Lease } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { type Ending, ending } from "./follow.ts";
import type { Routes } from "./routes.ts";

/** What an operation may end with while servers and connections come and go. */
const expected = new Set(["CONNECTION_LOSS", "TIMEOUT", "LEASE_LOST", "BAD_VERSION"]);

/** What the storm's clients share. */
export interface Storm {
  isOver: boolean;
  readonly holders: Set<Lease>;
  /** What must never happen, in words. */
  readonly violations: string[];
}

/** One client in the storm: counts, reads and locks without a pause, and keeps the books. */
export class StormClient {
  readonly routes: Routes;
  readonly client: Client;
  readonly sessions = new Set<bigint>();
  readonly #storm: Storm;
  increments = 0;
  /** Increments that may or may not have been applied. */
  unknown = 0;
  holds = 0;
  reads = 0;
  isHolding = false;

  private constructor(routes: Routes, client: Client, storm: Storm) {
    this.routes = routes;
    this.client = client;
    this.#storm = storm;
  }

  static async open(routes: Routes, storm: Storm): Promise<StormClient> {
    return new StormClient(routes, await connect(routes.connectString, { sessionTimeoutMs: 4_000 }), storm);
  }

  /** Resolves some time after the storm is over, when everything that was asked has ended. */
  async run(): Promise<void> {
    await Promise.all([this.#repeat(() => this.#count()), this.#repeat(() => this.#lock()), this.#watchReads()]);
  }

  async #repeat(step: () => Promise<void>): Promise<void> {
    while (!this.#storm.isOver) {
      this.sessions.add(this.client.session.id);
      await step();
      // Lets timers and sockets have their turn, whatever failed at once.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #count(): Promise<void> {
    const read = await this.#expecting(this.client.get("/storm/counter"));
    if ("error" in read) return;
    const { data, stat } = read.value;
    const next = String(Number(Buffer.from(data ?? [])) + 1);
    const written = await this.#expecting(this.client.set("/storm/counter", next, { version: stat.version }));
    if ("value" in written) this.increments++;
    else if (written.error.outcome === "unknown") this.unknown++;
  }

  async #lock(): Promise<void> {
    const acquired = await this.#expecting(new Mutex(this.client, "/storm/lock").acquire({ timeoutMs: 30_000 }));
    if ("error" in acquired) return;
    const lease = acquired.value;
    for (const other of this.#storm.holders) {
      if (isHeld(other) && isHeld(lease)) this.#storm.violations.push("two holders");
    }
    this.#storm.holders.add(lease);
    this.isHolding = true;
    const entry = lease.transaction().create("/storm/log/n-", String(lease.fencingToken), {
      mode: "persistent-sequential",
    });
    // Bound to the session, it may end with it.
    if ("value" in (await this.#expecting(entry.commit(), "SESSION_EXPIRED"))) this.holds++;
    // Suspended, it is held on to for as long as it lets itself be.
    while (this.client.state === "suspended" && isHeld(lease)) await new Promise((resolve) => setTimeout(resolve, 10));
    this.#storm.holders.delete(lease);
    this.isHolding = false;
    const released = await ending(lease.release());
    if ("error" in released) this.#storm.violations.push(`release: ${released.error.message}`);
  }

  /** One session never sees the past again, whichever members it reads from. */
  async #watchReads(): Promise<void> {
    let session: bigint | undefined;
    let newest = 0n;
    await this.#repeat(async () => {
      const before = this.client.session.id;
      const read = await this.#expecting(this.client.get("/storm/counter"));
      if ("error" in read || this.client.session.id !== before) return;
      const { mzxid } = read.value.stat;
      if (session === before && mzxid < newest) this.#storm.violations.push("read the past");
      session = before;
      newest = mzxid;
      this.reads++;
    });
  }

  async #expecting<T>(promise: Promise<T>, also?: string): Promise<Ending<T>> {
    const end = await ending(promise);
    if ("error" in end && end.error.code !== also && !expected.has(end.error.code ?? "")) {
      this.#storm.violations.push(String(end.error.stack));
    }
    return end;
  }
}

function isHeld(lease: Lease): boolean {
  try {
    lease.assertHeld();
    return true;
  } catch {
    return false;
  }
}
