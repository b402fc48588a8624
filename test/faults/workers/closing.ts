/**
 * A process of close.test.ts: connects, does a bit of everything, and when it gets SIGUSR2 waits for the state it is told, asks for much
 * more, closes in the middle of that, three times over, and ends by itself.
 */
import { argv, env } from "node:process";
import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";

export type Report =
  | { readonly kind: "prepared"; readonly session: string }
  | {
      readonly kind: "closed";
      /** How each kind of request ended: error codes with their outcome, or `done`. */
      readonly endings: Readonly<Record<string, readonly string[]>>;
      /** What has not ended. */
      readonly open: readonly string[];
    };

const [root = "", state = "", sessionTimeoutMs = ""] = argv.slice(2);

const endings: Record<string, string[]> = {};
const open: string[] = [];

function follow(name: string, promise: Promise<unknown>): void {
  open.push(name);
  void promise
    .then(
      () => "done",
      (error: { readonly code?: string; readonly outcome?: string }) => `${error.code} ${error.outcome ?? ""}`.trim(),
    )
    .then((end) => {
      open.splice(open.indexOf(name), 1);
      endings[name] = [...(endings[name] ?? []), end];
    });
}

async function readAll(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}

const client = await connect(env["QUORATE_CONNECT"] ?? "", { sessionTimeoutMs: Number(sessionTimeoutMs) });
await client.create(`${root}/ephemeral`, "", { mode: "ephemeral" });
const mutex = new Mutex(client, `${root}-lock`);
const lease = await mutex.acquire();
const watches = [client.watch(root), client.watch(root, { mode: "recursive" }), client.watch(`${root}/missing`)];
for (const watch of watches) follow("watch", readAll(watch));
await Promise.all(watches.map(({ ready }) => ready));
follow("states", readAll(client.states()));
follow("acquire", mutex.acquire());
const go = new Promise((resolve) => process.once("SIGUSR2", resolve));
console.log(JSON.stringify({ kind: "prepared", session: String(client.session.id) } satisfies Report));
await go;

for await (const now of client.states()) if (now === state) break;
for (let count = 0; count < 100; count++) {
  follow("create", client.create(`${root}/${count}`));
  follow("ephemeral", client.create(`${root}/e-`, "", { mode: "ephemeral-sequential", protected: count % 2 === 0 }));
}
follow("read", client.get(root));
follow("bounded read", client.get(root, { timeoutMs: 60_000 }));
follow("pinned", client.session.set(root, "1", { version: 0 }));
follow("transaction", client.transaction().create(`${root}/transacted`).commit());
follow("late acquire", new Mutex(client, `${root}-late`).acquire());
follow("release", lease.release());
await Promise.all([client.close(), client.close(), client[Symbol.asyncDispose]()]);
await client.close();
follow("after", client.get(root));
follow("after", client.create(`${root}/after`));
follow("after", mutex.acquire());
follow("after", client.whenConnected());
follow("watch", readAll(client.watch(root)));
await new Promise((resolve) => setImmediate(resolve));
console.log(JSON.stringify({ kind: "closed", endings, open } satisfies Report));
