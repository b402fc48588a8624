import { type Client, connect } from "@quorate/core";
import { LeaderLatch, type Term } from "@quorate/leader";
import { EphemeralNode, Group } from "@quorate/liveness";
import { Mutex } from "@quorate/lock";
import { EmbeddedServer } from "@quorate/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lined } from "../support/lock-line.ts";

/** What befalls everybody at once: the server loses its data, stands still for longer than any session, or starts again. */

let server: EmbeddedServer;
let clients: readonly [Client, Client];
let terms: Term[];

beforeEach(async () => {
  server = await EmbeddedServer.start({ tickTimeMs: 200 });
  const open = (): Promise<Client> => connect(server.connectString, { sessionTimeoutMs: 1_000 });
  clients = [await open(), await open()];
  terms = [];
  for (const [index, client] of clients.entries()) {
    const latch = new LeaderLatch(client, "/latch", { id: `${index}` });
    void latch
      .run(async (term) => {
        terms.push(term);
        await term.ended;
      })
      .catch(() => {});
    await lined(client, "/latch", index + 1);
  }
  await eventually(() => terms.length === 1);
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
});

/** One leads by its own word, and it is the first in line by the server's. */
async function oneLeads(): Promise<void> {
  await eventually(async () => {
    const held = terms.filter((term) => isHeld(term));
    const participants = await new LeaderLatch(clients[0], "/latch").participants();
    return held.length === 1 && participants.length === 2 && held[0]?.fencingToken === participants[0]?.fencingToken;
  });
}

function isHeld(term: Term): boolean {
  try {
    term.assertHeld();
    return true;
  } catch {
    return false;
  }
}

test("all data lost: one is elected again, members are back, locks can be had", async () => {
  const [one, two] = clients;
  const group = new Group(one, "/group");
  const members = [await group.join("one", "1"), await new Group(two, "/group").join("two", "2")];
  const lease = await new Mutex(one, "/lock").acquire();
  const waiting = new Mutex(two, "/lock").acquire();
  await lined(one, "/lock", 2);
  const { port } = server;
  await server.stop();
  server = await EmbeddedServer.start({ port, tickTimeMs: 200 });
  await eventually(() => lease.signal.aborted);
  await (await waiting).release();
  await oneLeads();
  await eventually(async () => members.every(({ isPresent }) => isPresent) && (await group.members()).length === 2);
  expect(terms[0]?.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "deadline-passed" });
});

test("frozen for longer than the sessions: nobody believes in what it holds before the server lets it go", async () => {
  const [one, two] = clients;
  const node = await EphemeralNode.keep(one, "/node");
  const lease = await new Mutex(one, "/lock").acquire();
  const old = [one.session.id, two.session.id];
  server.freeze();
  await eventually(() => clients.every(({ state }) => state === "lost"));
  // By their own clocks: the server has not said a word, nor expired anything.
  expect(server.leaks().sessions).toEqual(expect.arrayContaining(old));
  expect([lease.signal.reason, terms[0]?.signal.reason]).toMatchObject([
    { reason: "deadline-passed" },
    { reason: "deadline-passed" },
  ]);
  expect(node.isPresent).toBe(false);
  const late = lease.transaction().create("/late").commit();
  await expect(late).rejects.toMatchObject({ code: "LEASE_LOST" });
  server.thaw();
  await oneLeads();
  await eventually(() => node.isPresent);
  await (await new Mutex(two, "/lock").acquire()).release();
  expect(await two.exists("/late")).toBeUndefined();
  await eventually(() => server.leaks().sessions.every((id) => !old.includes(id)));
});

test("started again within the sessions' time: nothing has happened", async () => {
  const [one, two] = clients;
  const node = await EphemeralNode.keep(one, "/node");
  const lease = await new Mutex(one, "/lock").acquire();
  const waiting = new Mutex(two, "/lock").acquire();
  await lined(one, "/lock", 2);
  const { lastZxid } = server.stats;
  await server.restart();
  await eventually(() => clients.every(({ state }) => state === "connected"));
  await Promise.all(clients.map((client) => client.sync("/")));
  // Not a single write.
  expect(server.stats.lastZxid).toBe(lastZxid);
  expect([node.isPresent, lease.signal.aborted, terms.length, terms[0]?.signal.aborted]).toEqual([
    true,
    false,
    1,
    false,
  ]);
  await lease.release();
  await (await waiting).release();
});
