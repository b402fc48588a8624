/**
 * A process that provokes one fault of the npm package `zookeeper`, by the driver over it or by the bare binding, and tells what came of
 * it. Where the fault ends the process, nothing is told.
 *
 *   provoke.ts <fault> driver|binding <connect string>
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import {
  type Client,
  type ConnectOptions,
  connect,
  type Driver,
  type DriverSession,
  QuorateError,
  wireDriver,
} from "@quorate/core";
import { native } from "@quorate/native";

const [fault = "", by = "", connectString = ""] = process.argv.slice(2);

type Watcher = (type: number, state: number, path: string) => void;
type Done = (code: number, text: string, ...rest: readonly unknown[]) => void;

interface Zk extends NodeJS.EventEmitter {
  readonly state: number;
  init(config: object): void;
  close(): void;
  a_create(path: string, data: Uint8Array, flags: number, done: Done): number;
  a_get(path: string, watch: boolean, done: Done): number;
  a_exists(path: string, watch: boolean, done: Done): number;
  aw_exists(path: string, watcher: Watcher, done: Done): number;
  a_delete_(path: string, version: unknown, done: Done): number;
  a_get_acl(path: string, done: Done): number;
}

/** The bare binding, connected unless the server is not there. */
async function bare(options: { readonly servers?: string; readonly waits?: boolean } = {}): Promise<Zk> {
  const Zookeeper = createRequire(import.meta.url)("zookeeper") as new (config: object) => Zk;
  const { servers = connectString, waits = true } = options;
  const config = { connect: servers, timeout: 6000, debug_level: 0, host_order_deterministic: false };
  const zk = new Zookeeper(config);
  const connected = once(zk, "connect");
  zk.init(config);
  if (waits) await connected;
  return zk;
}

function driven(options: ConnectOptions = {}): Promise<Client> {
  return connect(connectString, { driver: native(), sessionTimeoutMs: 6000, retry: false, ...options });
}

function tell(report: object): void {
  console.log(JSON.stringify(report));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a promise comes to, if it comes to anything in time. */
async function fate(promise: Promise<unknown>, withinMs: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, withinMs, "nothing");
  });
  const settled = promise.then(
    () => "done",
    (error: unknown) => (QuorateError.isQuorateError(error) ? error.code : String(error)),
  );
  const first = await Promise.race([settled, late]);
  clearTimeout(timer);
  return first;
}

/** Whether timers go on while `work` is done. */
async function ticksDuring(work: () => unknown): Promise<boolean> {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  await work();
  clearInterval(timer);
  return ticks > 0;
}

async function setUp<T>(work: (client: Client) => Promise<T>): Promise<T> {
  await using client = await connect(connectString, { driver: wireDriver() });
  return await work(client);
}

type Scenario = { readonly driver: () => Promise<void>; readonly binding: () => Promise<void> };

const scenarios: Readonly<Record<string, Scenario>> = {
  "a large answer in small segments": {
    async driver() {
      const client = await driven();
      const { data } = await client.get("/large");
      tell({ bytes: data?.length, state: client.state, isSameSession: client.session.id === 0x1234n });
      process.exit(0);
    },
    async binding() {
      const zk = await bare();
      const code = await new Promise<number>((resolve) => zk.a_get("/large", false, resolve));
      tell({ code });
      process.exit(0);
    },
  },
  "get_acl on a missing node": {
    async driver() {
      const client = await driven();
      tell({
        fate: await fate(client.getAcl("/missing"), 5000),
        alive: (await client.exists("/missing")) === undefined,
      });
      await client.close();
    },
    async binding() {
      const zk = await bare();
      await new Promise((resolve) => zk.a_get_acl("/missing", resolve));
    },
  },
  "two watchers due, and the first closes": {
    async driver() {
      const client = await driven();
      await setUp((other) => other.transaction().create("/w1").create("/w2").commit());
      let events = 0;
      const watches = ["/w1", "/w2"].map((path) => client.watch(path));
      await Promise.all(watches.map(({ ready }) => ready));
      const follow = async (watch: (typeof watches)[number]): Promise<void> => {
        for await (const _event of watch) {
          events++;
          await client.close();
        }
      };
      const following = watches.map(follow);
      await setUp((other) => other.transaction().set("/w1", "1").set("/w2", "1").commit());
      await Promise.all(following.map((each) => each.catch(() => {})));
      tell({ isTold: events > 0, state: client.state });
    },
    async binding() {
      const zk = await bare();
      await setUp((other) => other.transaction().create("/w1").create("/w2").commit());
      // Of one znode, so that one event is due to both.
      const watch = (): Promise<unknown> => new Promise((resolve) => zk.aw_exists("/w1", () => zk.close(), resolve));
      await Promise.all([watch(), watch()]);
      await setUp((other) => other.transaction().set("/w1", "1").set("/w2", "1").commit());
      await pause(1000);
    },
  },
  "one watcher for two clients": {
    async driver() {
      await setUp((other) => other.create("/w"));
      const clients = [await driven(), await driven()];
      let events = 0;
      for (const client of clients) {
        const watch = client.watch("/w");
        void (async () => {
          for await (const _event of watch) events++;
        })();
        await watch.ready;
      }
      await setUp((other) => other.set("/w", "1"));
      while (events < 2) await pause(10);
      tell({ events });
      for (const client of clients) await client.close();
    },
    async binding() {
      await setUp((other) => other.create("/w"));
      const watcher: Watcher = () => {};
      for (const zk of [await bare(), await bare()]) {
        await new Promise((resolve) => zk.aw_exists("/w", watcher, resolve));
      }
      await setUp((other) => other.set("/w", "1"));
      await pause(1000);
    },
  },
  "a version that is a BigInt": {
    async driver() {
      // Past the client, which checks it as well.
      let session: DriverSession | undefined;
      const { name, capabilities, open } = native();
      const opened = (...given: Parameters<Driver["open"]>): DriverSession => {
        session = open(...given);
        return session;
      };
      const client = await driven({ driver: { name, capabilities, open: opened } });
      const version = 1n as unknown as number;
      tell({ fate: await fate(session?.request({ op: "delete", path: "/x", version }) ?? pause(0), 5000) });
      await client.close();
    },
    async binding() {
      const zk = await bare();
      zk.a_delete_("/x", 1n, () => {});
    },
  },
  "an answer nobody asked for": {
    async driver() {
      const client = await driven();
      const states: string[] = [];
      for await (const state of client.states()) {
        states.push(state);
        if (states.length >= 3) break;
      }
      tell({ states });
      process.exit(0);
    },
    async binding() {
      await bare();
      await pause(3000);
    },
  },
  "an answer that cannot be decoded": {
    async driver() {
      const client = await driven();
      tell({ fate: await fate(client.get("/x"), 5000) });
      process.exit(0);
    },
    async binding() {
      const zk = await bare();
      const answered = new Promise((resolve) => zk.a_get("/x", false, (...answer) => resolve(tell({ answer }))));
      tell({ fate: await fate(answered, 3000) });
      process.exit(0);
    },
  },
  "a name that DNS does not know": {
    async driver() {
      const isTicking = await ticksDuring(async () => {
        const failed = await connect("no-such-host.invalid:2181", { driver: native(), connectTimeoutMs: 1500 }).catch(
          (error: QuorateError) => error,
        );
        tell({ code: (failed as QuorateError).code });
      });
      tell({ isTicking });
    },
    async binding() {
      const zk = await bare({ servers: "no-such-host.invalid:2181", waits: false });
      tell({ fate: await fate(once(zk, "close"), 3000), state: zk.state });
      process.exit(0);
    },
  },
  "a closed port": {
    async driver() {
      const failed = await connect("127.0.0.1:1", { driver: native(), connectTimeoutMs: 1500 }).catch(
        (error: QuorateError) => error,
      );
      tell({
        code: (failed as QuorateError).code,
        says: /127\.0\.0\.1:1 .*ECONNREFUSED/.test((failed as Error).message),
      });
    },
    async binding() {
      const zk = await bare({ servers: "127.0.0.1:1", waits: false });
      const any = Promise.race(["connect", "connecting", "close", "error"].map((event) => once(zk, event)));
      tell({ fate: await fate(any, 3000) });
      process.exit(0);
    },
  },
  "closing when the server is frozen": {
    async driver() {
      const client = await driven();
      tell({ isTicking: await ticksDuring(() => client.close()), state: client.state });
    },
    async binding() {
      const zk = await bare();
      tell({ isTicking: await ticksDuring(() => zk.close()) });
    },
  },
  "closing twice, and calls afterwards": {
    async driver() {
      const client = await driven();
      const { session } = client;
      const pending = Array.from({ length: 200 }, (_, index) => client.create(`/many-${index}`));
      const fates = pending.map((each) => fate(each, 5000));
      await Promise.all([client.close(), client.close()]);
      await client.close();
      const settled = await Promise.all(fates);
      tell({ unsettled: settled.filter((each) => each === "nothing").length, kinds: [...new Set(settled)].sort() });
      tell({ after: [await fate(client.get("/x"), 5000), await fate(session.get("/x"), 5000)] });
    },
    async binding() {
      const zk = await bare();
      zk.close();
      zk.close();
      const after = new Promise((resolve) => zk.a_exists("/x", false, resolve));
      tell({ after: await fate(after, 2000) });
      process.exit(0);
    },
  },
  "a blocked event loop": {
    async driver() {
      const client = await driven({ sessionTimeoutMs: 1000 });
      const { session } = client;
      block(3000);
      // Before anything else had a chance to run.
      tell({ isStillValid: performance.now() < session.validUntil });
      await new Promise((resolve) => session.signal.addEventListener("abort", resolve, { once: true }));
      const next = await client.whenConnected();
      tell({ isNew: next.id !== session.id });
      await client.close();
    },
    async binding() {
      const zk = await bare();
      block(7000);
      tell({ state: zk.state });
      process.exit(0);
    },
  },
  "watch functions that are kept": {
    async driver() {
      const client = await driven();
      await setUp((other) => other.create("/w"));
      const kept: WeakRef<object>[] = [];
      for (let round = 0; round < 20; round++) {
        const watch = client.watch("/w");
        await watch.ready;
        kept.push(new WeakRef(watch));
        await watch.close();
        await setUp((other) => other.set("/w", String(round)));
      }
      // The last one may still be in a register.
      tell({ areKept: (await stillThere(kept)) > 1 });
      await client.close();
    },
    async binding() {
      const zk = await bare();
      await setUp((other) => other.create("/w"));
      const kept: WeakRef<object>[] = [];
      for (let round = 0; round < 20; round++) {
        await new Promise<void>((resolve) => {
          const watcher: Watcher = () => resolve();
          kept.push(new WeakRef(watcher));
          zk.aw_exists("/w", watcher, () => void setUp((other) => other.set("/w", String(round))));
        });
      }
      tell({ areKept: (await stillThere(kept)) > 1 });
      process.exit(0);
    },
  },
  "a worker thread": {
    driver: () => inThread("driver"),
    binding: () => inThread("binding"),
  },
};

async function inThread(what: string): Promise<void> {
  const file = JSON.stringify(new URL("thread.ts", import.meta.url).href);
  // The loader of this process does not reach into threads.
  const start = `import("tsx/esm/api").then(({ register }) => { register(); return import(${file}); });`;
  const thread = new Worker(start, { eval: true, argv: [what, connectString] });
  await once(thread, "exit");
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

async function stillThere(refs: readonly WeakRef<object>[]): Promise<number> {
  for (let turn = 0; turn < 10; turn++) {
    await pause(20);
    (globalThis as { gc?: () => void }).gc?.();
  }
  return refs.filter((ref) => ref.deref() !== undefined).length;
}

const scenario = scenarios[fault];
if (scenario === undefined) throw new Error(`no such fault: ${fault}`);
await scenario[by as "driver" | "binding"]();
