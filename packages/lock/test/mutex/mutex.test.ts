import { InvalidArgumentError } from "@quorate/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { rejection, turns, watched } from "../../../core/test/support/turns.ts";
import type { ZnodeTree } from "../../../core/test/support/znode-tree.ts";
import { Mutex } from "../../src/mutex/mutex.ts";
import { acquired, Contender, mutexOf, released, serveAll } from "../support/contender.ts";
import { withThreeContenders } from "../support/three-contenders.ts";

let tree: ZnodeTree;
let a: Contender;
let b: Contender;
let c: Contender;

withThreeContenders((three) => {
  tree = three.tree;
  [a, b, c] = three.contenders;
});

describe("a mutex", () => {
  it.each([
    ["locks", {}],
    ["/locks/", {}],
    ["/locks", { onSuspended: "ignore" }],
  ])("on %j with %j is refused at once", (path, options) => {
    expect(() => new Mutex(a.client, path, options as never)).toThrow(InvalidArgumentError);
  });

  it("makes its directory of containers when it is missing", async () => {
    const acquiring = new Mutex(a.client, "/deep/l").acquire();
    await serveAll(a);
    const lease = await acquiring;
    expect(a.session.log).toEqual([
      expect.stringMatching(/^create2 \/deep\/l\/_c_\d+\.1-lock-$/),
      "getChildren /deep/l",
      "createContainer /deep",
      "createContainer /deep/l",
      expect.stringMatching(/^create2 \/deep\/l\/_c_\d+\.1-lock-$/),
      "getChildren /deep/l",
    ]);
    await released(a, lease);
    expect(tree.children("/deep/l")).toEqual([]);
  });
});

describe("acquire()", () => {
  beforeEach(() => void tree.create("/l"));

  it("costs one round trip while the lock is free: create and listing leave together; release one more", async () => {
    const acquiring = mutexOf(a).acquire();
    await turns();
    expect(a.session.open.map(({ operation }) => operation.op)).toEqual(["create2", "getChildren"]);
    await a.session.serve(2);
    const lease = await acquiring;
    lease.assertHeld();
    expect(a.session.takeLog()).toHaveLength(2);
    await released(a, lease);
    expect(a.session.takeLog()).toHaveLength(1);
    expect(tree.children("/l")).toEqual([]);
  });

  it("gives tokens that grow from holder to holder", async () => {
    const tokens: bigint[] = [];
    for (const contender of [a, b, a, c]) {
      const lease = await acquired(contender);
      tokens.push(lease.fencingToken);
      await released(contender, lease);
    }
    expect(tokens).toEqual([...tokens].sort((x, y) => Number(x - y)));
    expect(new Set(tokens).size).toBe(4);
  });

  it("is handed over without listing when the predecessor was the lowest", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    expect(b.session.takeLog().map((entry) => entry.split(" ")[0])).toEqual([
      "create2",
      "getChildren",
      "exists",
      "exists",
    ]);
    expect(waiting.state).toBe("pending");
    await released(a, lease);
    const next = await waiting.promise;
    next.assertHeld();
    expect(b.session.log).toEqual([]);
    expect(next.fencingToken).toBeGreaterThan(lease.fencingToken);
    await released(b, next);
  });

  it("is listed again when the predecessor was not the lowest: its going may mean that it gave up", async () => {
    const lease = await acquired(a);
    const controller = new AbortController();
    const leaving = rejection(mutexOf(b).acquire({ signal: controller.signal }));
    await serveAll(b);
    const waiting = watched(mutexOf(c).acquire());
    await serveAll(c);
    c.session.takeLog();
    controller.abort();
    await leaving;
    await serveAll(b, c);
    expect(waiting.state).toBe("pending");
    expect(c.session.takeLog().map((entry) => entry.split(" ")[0])).toEqual(["getChildren", "exists"]);
    await released(a, lease);
    const next = await waiting.promise;
    expect(c.session.log).toEqual([]);
    await released(c, next);
    expect(tree.children("/l")).toEqual([]);
  });

  it("is not mistaken where the predecessor was gone before it could be watched", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await b.session.serve(2);
    await released(a, lease);
    await serveAll(b);
    const next = await waiting.promise;
    next.assertHeld();
    await released(b, next);
  });

  it("stands behind whoever came before, across the wrap-around of the server's counter", async () => {
    tree.setNextSequence("/l", 2 ** 31 - 1);
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    expect(tree.children("/l").some((name) => name.endsWith("lock--2147483648"))).toBe(true);
    expect(waiting.state).toBe("pending");
    await released(a, lease);
    await released(b, await waiting.promise);
  });

  it("minds no foreign znode in the directory", async () => {
    tree.create("/l/config");
    tree.create("/l/_c_x-READ-0000000000");
    await released(a, await acquired(a));
    expect(tree.children("/l")).toHaveLength(2);
  });

  it("serves many in the order they came, one at a time", async () => {
    const order: string[] = [];
    let holders = 0;
    const work = (contender: Contender, name: string): Promise<void> =>
      mutexOf(contender).run(async () => {
        expect(++holders).toBe(1);
        order.push(name);
        await turns();
        holders--;
      });
    const working: Promise<void>[] = [];
    for (const [contender, name] of [
      [a, "a1"],
      [b, "b1"],
      [c, "c1"],
      [a, "a2"],
      [b, "b2"],
    ] as const) {
      working.push(work(contender, name));
      await contender.session.serve(2);
    }
    await serveAll(a, b, c);
    await Promise.all(working);
    expect(order).toEqual(["a1", "b1", "c1", "a2", "b2"]);
    expect(tree.children("/l")).toEqual([]);
    expect(tree.watched).toEqual([]);
  });

  it("lines up again when someone else deletes its znode while it waits", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    const [, mine] = tree.children("/l");
    tree.delete(`/l/${mine}`);
    await serveAll(b);
    expect(tree.children("/l")).toHaveLength(2);
    expect(waiting.state).toBe("pending");
    await released(a, lease);
    const next = await waiting.promise;
    next.assertHeld();
    await released(b, next);
    expect(tree.children("/l")).toEqual([]);
  });

  it("lines up again though its znode is deleted only while it waits for the second one before it", async () => {
    const lease = await acquired(a);
    const controller = new AbortController();
    const leaving = rejection(mutexOf(b).acquire({ signal: controller.signal }));
    await serveAll(b);
    const waiting = watched(mutexOf(c).acquire());
    await serveAll(c);
    controller.abort();
    await leaving;
    await serveAll(b, c);
    const [, mine] = tree.children("/l");
    tree.delete(`/l/${mine}`);
    await serveAll(c);
    expect(tree.children("/l")).toHaveLength(2);
    await released(a, lease);
    await released(c, await waiting.promise);
  });

  it("lines up again at once when its znode is deleted in the very turn the others are listed", async () => {
    const lease = await acquired(a);
    const controller = new AbortController();
    const leaving = rejection(mutexOf(b).acquire({ signal: controller.signal }));
    await serveAll(b);
    const waiting = watched(mutexOf(c).acquire());
    await serveAll(c);
    controller.abort();
    await leaving;
    await serveAll(b);
    expect(c.session.open.map(({ operation }) => operation.op)).toEqual(["getChildren"]);
    c.session.takeLog();
    const listed = c.session.answer({ children: tree.children("/l") });
    const [, mine] = tree.children("/l");
    tree.delete(`/l/${mine}`);
    await listed;
    await serveAll(c);
    expect(c.session.log[0]).toMatch(/^create2 /);
    await released(a, lease);
    await released(c, await waiting.promise);
  });

  it("never holds by a znode that was deleted together with its predecessor", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    // An operator clears the directory: both deletions are told in one go.
    for (const name of tree.children("/l")) tree.delete(`/l/${name}`);
    await serveAll(b);
    const next = await waiting.promise;
    expect(lease.signal.aborted || tree.children("/l").length === 1).toBe(true);
    expect(tree.children("/l")).toHaveLength(1);
    next.assertHeld();
    await released(b, next);
  });

  it("is told of the deletion of its znode once it holds, by the watch it waited with", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    await released(a, lease);
    const next = await waiting.promise;
    b.session.takeLog();
    const [mine] = tree.children("/l");
    tree.delete(`/l/${mine}`);
    await turns();
    expect(next.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    await released(b, next);
  });

  it("lines up in the next session when this one is lost while it waits", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    await b.loseSession();
    await serveAll(b);
    expect([waiting.state, tree.children("/l").length]).toEqual(["pending", 2]);
    await released(a, lease);
    const next = await waiting.promise;
    next.assertHeld();
    await b.loseSession();
    expect(next.signal.reason).toMatchObject({ reason: "session-ended" });
  });

  it("does not take the place of its own dying session's znode", async () => {
    const lease = await acquired(a);
    const { session } = a;
    await session.expire();
    expect(lease.signal.aborted).toBe(true);
    await a.session.connect();
    const waiting = watched(mutexOf(a).acquire());
    await serveAll(a);
    expect([waiting.state, tree.children("/l").length]).toEqual(["pending", 2]);
    await session.endAtServer();
    await serveAll(a);
    await released(a, await waiting.promise);
  });

  it("waits on while suspended, and misses nothing that happened meanwhile", async () => {
    const lease = await acquired(a);
    const waiting = watched(mutexOf(b).acquire());
    await serveAll(b);
    await b.session.disconnect();
    await released(a, lease);
    expect(waiting.state).toBe("pending");
    await b.session.connect();
    await serveAll(b);
    await released(b, await waiting.promise);
  });

  it("goes on though each of its requests is lost once, and leaves no second znode", async () => {
    const acquiring = watched(mutexOf(a).acquire());
    for (let round = 0; round < 40 && acquiring.state === "pending"; round++) {
      await turns();
      if (round % 2 === 0) await a.session.loseAnswers();
      else await a.session.serve(1);
      await a.session.connect();
      await vi.advanceTimersByTimeAsync(100);
    }
    const lease = await acquiring.promise;
    expect(tree.children("/l")).toHaveLength(1);
    await released(a, lease);
    expect(tree.children("/l")).toEqual([]);
  });

  it("does not give up waiting because no server is there for longer than an operation would wait", async () => {
    const d = await Contender.connect(tree, { operationTimeoutMs: 200 });
    const [x, y] = [await acquired(a), watched(mutexOf(b).acquire())];
    await serveAll(b);
    const waiting = watched(mutexOf(d).acquire());
    await serveAll(d);
    await d.session.disconnect();
    const releasing = [x.release(), b.client.close()];
    await serveAll(a, b);
    await b.session.endAtServer();
    await Promise.all(releasing);
    await rejection(y.promise);
    await d.session.connect();
    // The predecessor's deletion is known; the listing that follows finds no server.
    await turns();
    await d.session.disconnect();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(waiting.state).toBe("pending");
    await d.session.connect();
    await vi.advanceTimersByTimeAsync(100);
    await serveAll(d);
    await released(d, await waiting.promise);
    await d.client.close();
  });

  it("rejects when the client is closed, before or while it waits", async () => {
    const lease = await acquired(a);
    const waiting = rejection(mutexOf(b).acquire());
    await serveAll(b);
    await b.client.close();
    expect(await waiting).toMatchObject({ code: "CLOSED" });
    expect(await rejection(mutexOf(b).acquire())).toMatchObject({ code: "CLOSED" });
    expect(await rejection(mutexOf(b).tryAcquire({ timeoutMs: 5 }))).toMatchObject({ code: "CLOSED" });
    await released(a, lease);
  });

  it("rejects as the server refuses, leaving nothing", async () => {
    const acquiring = rejection(mutexOf(a).acquire());
    await turns();
    await a.session.refuse(-102);
    await a.session.serve();
    expect(await acquiring).toMatchObject({ code: "NO_AUTH" });
    // May create, may not list.
    const listing = rejection(mutexOf(a).acquire());
    await a.session.serve(1);
    await a.session.refuse(-102);
    await a.session.refuse(-102);
    await a.session.serve();
    expect(await listing).toMatchObject({ code: "NO_AUTH", op: "children" });
    expect(tree.children("/l")).toEqual([]);
  });

  it("rejects bad bounds", async () => {
    expect(await rejection(mutexOf(a).acquire({ timeoutMs: -1 }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(a.session.log).toEqual([]);
  });
});

it("a lock that must not be held unseen is lost by suspension", async () => {
  tree.create("/l");
  const acquiring = new Mutex(a.client, "/l", { onSuspended: "abort" }).acquire();
  await serveAll(a);
  const lease = await acquiring;
  await a.session.disconnect();
  expect(lease.signal.reason).toMatchObject({ reason: "suspended" });
  await a.session.connect();
  await released(a, lease);
});
