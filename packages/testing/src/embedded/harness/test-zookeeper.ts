import { type Client, type ConnectOptions, connect, systemRandom, wireDriver } from "@quorate/core";
import { EmbeddedServer } from "../embedded-server.ts";
import type { EmbeddedServerOptions } from "../options.ts";
import { askForLeaks, within } from "./chroot-leaks.ts";
import { LeakCheck } from "./leak-check.ts";

export interface TestZooKeeperOptions extends EmbeddedServerOptions {
  /**
   * A server that others use too: an embedded one of this process, or the connect string of any. The tests get a chroot of their own
   * there, and the options of a server of their own do not count. Default: a server of one's own.
   */
  readonly shared?: EmbeddedServer | string;
}

/**
 * ZooKeeper for the tests of one file, with any test runner:
 *
 * ```ts
 * const zookeeper = await TestZooKeeper.open();         // before all tests
 * const check = await zookeeper.checkLeaks();           // before each
 * const client = await zookeeper.connect();             // in a test
 * await client.close();
 * await check.verify();                                 // after each: throws LeakError
 * await zookeeper.close();                              // after all
 * ```
 */
export class TestZooKeeper implements AsyncDisposable {
  /** The server, with its levers; undefined where a shared one is known by its connect string only. */
  readonly server: EmbeddedServer | undefined;
  /** For clients of any kind; ends in the chroot where the server is shared. */
  readonly connectString: string;
  readonly #own: EmbeddedServer | undefined;
  readonly #servers: string;
  readonly #chroot: string;
  readonly #clients = new Set<Client>();
  #closing: Promise<void> | undefined;

  private constructor(server: EmbeddedServer | string, own: EmbeddedServer | undefined, chroot: string) {
    this.server = typeof server === "string" ? undefined : server;
    this.#servers = typeof server === "string" ? server : server.connectString;
    this.#own = own;
    this.#chroot = chroot;
    this.connectString = this.#servers + chroot;
  }

  /**
   * Starts a server, or makes a chroot on a shared one.
   *
   * @throws EmbeddedServerError when the server cannot start; ConnectError when the shared one cannot be reached
   */
  static async open({ shared, ...options }: TestZooKeeperOptions = {}): Promise<TestZooKeeper> {
    if (shared === undefined) {
      const own = await EmbeddedServer.start(options);
      return new TestZooKeeper(own, own, "");
    }
    const zookeeper = new TestZooKeeper(shared, undefined, `/test-${systemRandom.uuid()}`);
    await zookeeper.#administer((admin) => admin.create(zookeeper.#chroot));
    return zookeeper;
  }

  /** A client of the server, within the chroot. Whoever opens it closes it: one left open is a leak. */
  async connect(options: ConnectOptions = {}): Promise<Client> {
    const client = await connect(this.connectString, { ...this.#way, ...options });
    this.#clients.add(client);
    return client;
  }

  /** Notes what is on the server; `verify()` of the result throws LeakError if more of it is there later. Not for tests that run at once. */
  checkLeaks(): Promise<LeakCheck> {
    return LeakCheck.start(async () => {
      if (this.#own !== undefined) return this.#own.leaks();
      const all = this.server === undefined ? await askForLeaks(serversOf(this.#servers)) : this.server.leaks();
      return within(this.#chroot, all, this.#openSessions());
    });
  }

  /** Closes the clients that are still open, and stops the server or deletes the chroot. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #way(): ConnectOptions {
    const isSilent = this.server?.port === 0;
    return isSilent ? { driver: wireDriver({ transport: this.server.transport }) } : {};
  }

  #openSessions(): bigint[] {
    for (const client of this.#clients) if (client.state === "closed") this.#clients.delete(client);
    return [...this.#clients].flatMap(({ session }) => (session === undefined ? [] : [session.id]));
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    if (this.#own !== undefined) return this.#own.stop();
    await this.#administer((admin) => admin.delete(this.#chroot, { recursive: true }));
  }

  async #administer(act: (admin: Client) => Promise<unknown>): Promise<void> {
    const admin = await connect(this.#servers, this.#way);
    try {
      await act(admin);
    } finally {
      await admin.close();
    }
  }
}

/** `host:port,host:port`, as the servers of a connect string are written. */
function serversOf(connectString: string): { host: string; port: number }[] {
  return connectString.split(",").map((server) => {
    const { hostname, port } = new URL(`zookeeper://${server.trim()}`);
    return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 2181 : Number(port) };
  });
}
