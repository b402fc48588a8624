import { type Client, connect } from "@quorate/core";
import { LeaderLatch } from "@quorate/leader";
import { Group, type GroupEvent } from "@quorate/liveness";
import { Mutex, ReadWriteLock } from "@quorate/lock";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { lineAt } from "../support/lock-line.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { handOvers, Register } from "./support/register.ts";
import { describePeer } from "./support/servers.ts";

/** For each of four contenders; and a bound that a loaded machine keeps. */
const each = 12;
const boundMs = 300_000;
const ours = ["node-1", "node-2"] as const;

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  /** Two sessions in the JVM and two here, all of them behind `gate` before anyone gets a turn. */
  async function contend(
    command: string,
    path: string,
    register: Register,
    work: (client: Client, name: string) => Promise<void>,
    gate: { release(): Promise<void> },
  ): Promise<void> {
    const clients = await Promise.all(ours.map(() => connect(server.connectString)));
    try {
      const working = Promise.all([
        curator.a.call(command, path, register.path, "jvm-1", each),
        curator.b.call(command, path, register.path, "jvm-2", each),
        ...ours.map((name, index) => work(clients[index] as Client, name)),
      ]);
      working.catch(() => {});
      await eventually(async () => (await lineAt(server.client, path)).length === 5, { boundMs });
      await gate.release();
      await working;
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
  }

  test("a mutex: nobody overlaps by the servers' order, nothing is lost, all take turns", {
    timeout: boundMs,
  }, async () => {
    const register = await Register.make(server.client);
    const path = `${register.path}-lock`;
    const gate = await new Mutex(server.client, path).acquire();
    const work = async (client: Client, name: string): Promise<void> => {
      const mutex = new Mutex(client, path);
      for (let hold = 0; hold < each; hold++) await mutex.run(() => register.write(client, name));
    };
    await contend("mutex.register", path, register, work, gate);
    const { writers } = await register.check();
    expect(writers).toHaveLength(4 * each);
    expect(handOvers(writers)).toBeGreaterThan(2 * each);
    expect(await server.look.children(path)).toEqual([]);
  });

  test("a read-write lock: writers are alone, readers are not", { timeout: boundMs }, async () => {
    const register = await Register.make(server.client);
    const path = `${register.path}-rw`;
    const gate = await new ReadWriteLock(server.client, path).write.acquire();
    const work = async (client: Client, name: string): Promise<void> => {
      const lock = new ReadWriteLock(client, path);
      for (let hold = 0; hold < each; hold++) {
        await lock.read.run(() => register.read(client, name));
        await lock.write.run(() => register.write(client, name));
      }
    };
    await contend("rw.register", path, register, work, gate);
    const { writers, readersTogether } = await register.check();
    expect(writers).toHaveLength(4 * each);
    expect(handOvers(writers)).toBeGreaterThan(2 * each);
    // They were all let in together at first, by a JVM's or our release.
    expect(readersTogether).toBeGreaterThan(1);
    expect(await server.look.children(path)).toEqual([]);
  });

  test("a latch: one leads at a time", { timeout: boundMs }, async () => {
    const register = await Register.make(server.client);
    const path = `${register.path}-latch`;
    const terms = new LeaderLatch(server.client, path).terms();
    const { value: gate } = await terms.next();
    const work = async (client: Client, name: string): Promise<void> => {
      const latch = new LeaderLatch(client, path, { id: name });
      for (let term = 0; term < each; term++) await latch.run(() => register.write(client, name));
    };
    await contend("latch.register", path, register, work, gate ?? expect.fail("no term"));
    await terms.return?.();
    const { writers } = await register.check();
    expect(writers).toHaveLength(4 * each);
    expect(handOvers(writers)).toBeGreaterThan(2 * each);
    await eventually(async () => (await server.look.children(path)).length === 0);
  });

  test("a latch: the other kind leads when one closes, loses its session or its znode; both know who does", async () => {
    const { a, b } = curator;
    const register = await Register.make(server.client);
    const path = `${register.path}-latch`;
    const latch = new LeaderLatch(server.client, path, { id: "node" });
    const terms = latch.terms();
    const known = async (...ids: readonly string[]): Promise<void> => {
      await eventually(async () => (await latch.participants()).map(({ id }) => id).join() === ids.join());
      expect(await latch.leader()).toMatchObject({ id: ids[0] });
    };
    await a.call("latch.start", path, "jvm");
    expect(await a.call("latch.await", path, 30_000)).toBe(true);
    const waiting = terms.next();
    await known("jvm", "node");
    expect(await a.call("latch.participants", path)).toEqual(["jvm", "node"]);
    await a.call("session.kill");
    const { value: first } = await waiting;
    await known("node", "jvm");
    expect(await a.call("latch.leader", path)).toBe("node");
    expect(await a.call("latch.leads", path)).toBe(false);
    const again = terms.next();
    const [mine] = (await server.look.children(path)).sort((x, y) => (x.slice(-10) < y.slice(-10) ? -1 : 1));
    await server.client.delete(`${path}/${mine}`);
    expect(await a.call("latch.await", path, 30_000)).toBe(true);
    await eventually(() => first?.signal.aborted);
    await known("jvm", "node");
    await b.call("latch.start", path, "last");
    await known("jvm", "node", "last");
    await a.call("latch.close", path);
    await again;
    expect(await b.call("latch.leads", path)).toBe(false);
    await latch.resign();
    expect(await b.call("latch.await", path, 30_000)).toBe(true);
    await terms.return?.();
    await b.call("latch.close", path);
  });

  test("a group: both see everyone, while both come and go and lose sessions", async () => {
    const { a, b } = curator;
    const register = await Register.make(server.client);
    const group = new Group(server.client, `${register.path}/group`);
    const words: string[] = [];
    const controller = new AbortController();
    const watching = (async () => {
      for await (const event of group.watch({ signal: controller.signal })) words.push(inWords(event));
    })();
    const seenByBoth = (expected: Readonly<Record<string, string>>): Promise<unknown> =>
      // Curator's members leave behind the answer.
      eventually(async () => {
        const members = (await group.members()).map(({ id, data }) => [id, Buffer.from(data ?? []).toString()]);
        expect(await a.call("group.members", group.path)).toEqual(expected);
        expect(Object.fromEntries(members)).toEqual(expected);
        expect(await server.look.children(group.path)).toEqual(Object.keys(expected).sort());
        return true;
      });
    await a.call("group.join", group.path, "jvm", "1");
    await using node = await group.join("node", "2");
    await seenByBoth({ jvm: "1", node: "2" });
    const churn = async (join: () => Promise<() => Promise<unknown>>): Promise<void> => {
      for (let round = 0; round < 10; round++) await (await join())();
    };
    await Promise.all([
      churn(async () => {
        await b.call("group.join", group.path, "jvm-guest", "3");
        return () => b.call("group.leave", group.path);
      }),
      churn(async () => {
        const guest = await group.join("node-guest", "4");
        return () => guest.close();
      }),
    ]);
    await seenByBoth({ jvm: "1", node: "2" });
    await node.set("5");
    await seenByBoth({ jvm: "1", node: "5" });
    const before = words.length;
    await a.call("session.kill");
    await eventually(() => words.slice(before).includes("joined jvm"));
    expect(words.slice(before)).toEqual(["left jvm", "joined jvm"]);
    await server.client.delete(`${group.path}/node`);
    await eventually(() => node.isPresent);
    await seenByBoth({ jvm: "1", node: "5" });
    controller.abort();
    await watching;
    await a.call("group.leave", group.path);
  });
});

function inWords(event: GroupEvent): string {
  return event.type === "snapshot" ? event.type : `${event.type} ${event.member.id}`;
}
