import { randomUUID } from "node:crypto";
import { type Client, connect } from "@quorate/core";
import { type Leader, LeaderLatch, type LeaderLatchOptions, type Term } from "@quorate/leader";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { watchersBelow } from "../support/watched-paths.ts";

const { members } = inject("zookeeper");
let observer: Client;
let path: string;
let clients: Client[];

beforeEach(async () => {
  clients = [];
  observer = await connectTo(0);
  path = `/leaders-${randomUUID()}/scheduler`;
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
});

/** Each at a member of its own. */
async function connectTo(member: number): Promise<Client> {
  const client = await connect(members[member % members.length] as string);
  clients.push(client);
  return client;
}

async function latchOf(id: string, options: LeaderLatchOptions = {}): Promise<LeaderLatch> {
  return new LeaderLatch(await connectTo(clients.length), path, { id, ...options });
}

/** The nodes as another member has them, in their order. */
async function nodes(): Promise<{ name: string; id: string; czxid: bigint }[]> {
  await observer.sync(path);
  if ((await observer.exists(path)) === undefined) return [];
  const found = await Promise.all(
    (await observer.children(path)).map(async (name) => {
      const { data, stat } = await observer.get(`${path}/${name}`);
      return { name, id: Buffer.from(data ?? []).toString(), czxid: stat.czxid };
    }),
  );
  return found.sort((a, b) => Number(a.czxid - b.czxid));
}

async function next(terms: AsyncIterator<Term, void>): Promise<Term> {
  const { value, done } = await terms.next();
  if (done === true) expect.fail("there was no further term");
  return value;
}

describe("terms", () => {
  test("the first leads, in Curator's layout; the others follow in their order, with growing tokens", async () => {
    const latches = [await latchOf("a"), await latchOf("b"), await latchOf("c")];
    const waiting: Promise<Term>[] = [];
    for (const [index, latch] of latches.entries()) {
      waiting.push(next(latch.terms()));
      await eventually(async () => (await nodes()).length === index + 1);
    }
    const lined = await nodes();
    expect(lined.map(({ id }) => id)).toEqual(["a", "b", "c"]);
    for (const { name } of lined) expect(name).toMatch(/^_c_[0-9a-f-]{36}-latch-\d{10}$/);
    const tokens: bigint[] = [];
    for (const [index, latch] of latches.entries()) {
      const term = await (waiting[index] as Promise<Term>);
      expect(latches.map(({ isLeader }) => isLeader)).toEqual(latches.map((other) => other === latch));
      expect((await nodes())[0]).toMatchObject({ id: latch.id, czxid: term.fencingToken });
      term.assertHeld();
      tokens.push(term.fencingToken);
      await term.release();
    }
    expect(tokens).toEqual(lined.map(({ czxid }) => czxid));
    expect(await nodes()).toEqual([]);
  });

  test("the next term of a latch begins when it is asked for and the one before is over", async () => {
    const latch = await latchOf("a");
    const terms = latch.terms();
    const first = await next(terms);
    const second = next(terms);
    await observer.sync(path);
    expect(await nodes()).toHaveLength(1);
    expect(first.signal.aborted).toBe(false);
    await first.release();
    const later = await second;
    expect(first.signal.aborted).toBe(false);
    expect(later.fencingToken).toBeGreaterThan(first.fencingToken);
    expect(() => first.assertHeld()).toThrow(expect.objectContaining({ code: "LEASE_LOST", reason: "released" }));
    await terms.return?.();
    expect(await nodes()).toEqual([]);
  });

  test("leaving the loop gives leadership up", async () => {
    const latch = await latchOf("a");
    let term: Term | undefined;
    for await (const won of latch.terms()) {
      term = won;
      break;
    }
    expect(await nodes()).toEqual([]);
    expect(latch.isLeader).toBe(false);
    expect(() => term?.assertHeld()).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  });

  test("the signal ends the term that is held, and the iteration", async () => {
    const latch = await latchOf("a");
    const controller = new AbortController();
    const reasons: unknown[] = [];
    for await (const term of latch.terms({ signal: controller.signal })) {
      term.signal.addEventListener("abort", () => reasons.push(term.signal.reason));
      controller.abort();
    }
    expect(reasons).toMatchObject([{ code: "LEASE_LOST", reason: "released" }]);
    expect(await nodes()).toEqual([]);
  });

  test("return() while it waits withdraws", async () => {
    const [leader, waiter] = [await latchOf("a"), await latchOf("b")];
    const term = await next(leader.terms());
    const terms = waiter.terms();
    const waiting = terms.next();
    await eventually(async () => (await nodes()).length === 2);
    await terms.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await eventually(async () => (await nodes()).length === 1);
    term.assertHeld();
  });

  test("closing the client finishes it, and ends the term", async () => {
    const latch = await latchOf("a");
    const terms = latch.terms();
    const term = await next(terms);
    const after = terms.next();
    await clients.at(-1)?.close();
    expect(term.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "session-ended" });
    expect(await after).toEqual({ done: true, value: undefined });
    await eventually(async () => (await nodes()).length === 0);
  });

  test("a latch contends once at a time", async () => {
    const latch = await latchOf("a");
    const terms = latch.terms();
    await next(terms);
    expect(await failureOf(latch.terms().next())).toMatchObject({ code: "INVALID_ARGUMENT" });
    await terms.return?.();
    const again = latch.terms();
    await next(again);
    expect(await nodes()).toHaveLength(1);
  });
});

describe("it contends again by itself", () => {
  test("its node deleted while it leads: the term ends, the next in line leads, and it waits behind", async () => {
    const [a, b] = [await latchOf("a"), await latchOf("b")];
    const termsOfA = a.terms();
    const first = await next(termsOfA);
    const second = next(b.terms());
    await eventually(async () => (await nodes()).length === 2);
    const third = next(termsOfA);
    const order: string[] = [];
    first.signal.addEventListener("abort", () => order.push("first ended"));
    await observer.delete(`${path}/${(await nodes())[0]?.name}`);
    const term = await second;
    await eventually(() => order.length > 0);
    expect(first.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "node-deleted" });
    expect(await failureOf(first.transaction().create(`${path}/never`).commit())).toMatchObject({ code: "LEASE_LOST" });
    await eventually(async () => (await nodes()).map(({ id }) => id).join() === "b,a");
    await b.resign();
    expect(term.signal.reason).toMatchObject({ code: "LEASE_LOST", reason: "released" });
    expect((await third).fencingToken).toBeGreaterThan(term.fencingToken);
    expect(await observer.exists(`${path}/never`)).toBeUndefined();
  });

  test("the one in the middle deleted while it waits: nobody is elected, and it lines up at the end", async () => {
    const latches = [await latchOf("a"), await latchOf("b"), await latchOf("c")];
    const elected: string[] = [];
    for (const [index, latch] of latches.entries()) {
      void latch
        .run(async (term) => {
          elected.push(latch.id);
          await term.ended;
        })
        .catch(() => {});
      await eventually(async () => (await nodes()).length === index + 1);
    }
    await observer.delete(`${path}/${(await nodes())[1]?.name}`);
    await eventually(async () => (await nodes()).map(({ id }) => id).join() === "a,c,b");
    expect(elected).toEqual(["a"]);
    await latches[0]?.resign();
    await eventually(() => elected.join() === "a,c");
  });

  test("the one in the middle dies while it waits: nobody is elected, and the one behind waits for the leader", async () => {
    const latches = [await latchOf("a"), await latchOf("b"), await latchOf("c")];
    const terms = latches.map((latch) => latch.terms());
    const first = await next(terms[0] as AsyncIterator<Term, void>);
    const waiting: Promise<IteratorResult<Term, void>>[] = [];
    for (const index of [1, 2]) {
      waiting.push((terms[index] as AsyncIterator<Term, void>).next());
      await eventually(async () => (await nodes()).length === index + 1);
    }
    await clients.at(-2)?.close();
    await eventually(async () => (await nodes()).map(({ id }) => id).join() === "a,c");
    // The one behind watches the leader now.
    const [leader] = await nodes();
    await eventually(async () => (await watchersBelow(members, path)).get(`${path}/${leader?.name}`)?.size === 2);
    expect(latches.map(({ isLeader }) => isLeader)).toEqual([true, false, false]);
    await first.release();
    expect((await waiting[1])?.done).toBe(false);
  });

  test("the whole path wiped, again and again: everyone is back, one leads", async () => {
    const latches = [await latchOf("a"), await latchOf("b"), await latchOf("c")];
    const holds: { id: string; term: Term }[] = [];
    for (const latch of latches) {
      void latch
        .run(async (term) => {
          holds.push({ id: latch.id, term });
          await term.ended;
        })
        .catch(() => {});
    }
    for (let round = 0; round < 5; round++) {
      await eventually(async () => (await nodes()).length === 3 && latches.some(({ isLeader }) => isLeader));
      const before = (await nodes()).at(-1)?.czxid ?? 0n;
      for (const { name } of await nodes()) await observer.delete(`${path}/${name}`).catch(() => {});
      await observer.delete(path, { recursive: true }).catch(() => {});
      await eventually(async () => {
        const now = await nodes();
        return now.length === 3 && now.every(({ czxid }) => czxid > before);
      });
    }
    await eventually(async () => {
      const [first] = await nodes();
      const live = holds.filter(({ term }) => !term.signal.aborted);
      return live.length === 1 && live[0]?.term.fencingToken === first?.czxid;
    });
    for (const { id } of latches) {
      const tokens = holds.filter((hold) => hold.id === id).map(({ term }) => term.fencingToken);
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => (a < b ? -1 : 1)));
    }
  });
});

describe("run", () => {
  test("gives the body's result or error, and leadership back", async () => {
    const latch = await latchOf("a");
    expect(await latch.run((term) => term.fencingToken)).toBeTypeOf("bigint");
    expect(await nodes()).toEqual([]);
    const error = new Error("the body's own");
    await expect(latch.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(await nodes()).toEqual([]);
  });

  test("runs the body again when the term was lost under it, dropping what came of it", async () => {
    const latch = await latchOf("a");
    const results = ["lost", "kept"];
    let runs = 0;
    const result = await latch.run(async (term) => {
      if (runs++ === 0) {
        await observer.delete(`${path}/${(await nodes())[0]?.name}`);
        await eventually(() => term.signal.aborted);
      } else if (runs === 2) {
        await latch.resign();
        throw new Error("after its term");
      }
      return results[Math.min(runs - 1, 1)];
    });
    expect({ result, runs }).toEqual({ result: "kept", runs: 3 });
    expect(await nodes()).toEqual([]);
  });

  test("timeoutMs bounds the wait, the signal everything; no node is left", async () => {
    const [leader, waiter] = [await latchOf("a"), await latchOf("b")];
    const term = await next(leader.terms());
    const body = (): never => expect.fail("it never led");
    expect(await failureOf(waiter.run(body, { timeoutMs: 50 }))).toMatchObject({ code: "TIMEOUT" });
    const controller = new AbortController();
    const waiting = failureOf(waiter.run(body, { signal: controller.signal }));
    controller.abort("enough");
    expect(await waiting).toMatchObject({ code: "ABORTED", cause: "enough" });
    await eventually(async () => (await nodes()).length === 1);
    await term.release();
    const during = new AbortController();
    const running = failureOf(
      waiter.run(
        async (held) => {
          during.abort("shut down");
          await held.ended;
          expect(held.signal.reason).toMatchObject({ reason: "released" });
        },
        { signal: during.signal },
      ),
    );
    expect(await running).toMatchObject({ code: "ABORTED", cause: "shut down" });
    await eventually(async () => (await nodes()).length === 0);
  });
});

describe("who leads", () => {
  test("leader() and participants(), by whoever asks", async () => {
    const [a, b] = [await latchOf("a"), await latchOf("b")];
    expect(await b.leader()).toBeUndefined();
    expect(await b.participants()).toEqual([]);
    const term = await next(a.terms());
    void next(b.terms()).catch(() => {});
    await eventually(async () => (await nodes()).length === 2);
    const [first, second] = await nodes();
    expect(await b.leader()).toEqual({ id: "a", fencingToken: term.fencingToken, data: null });
    expect(await a.participants()).toEqual([
      { id: "a", fencingToken: first?.czxid, priority: 0, isLeader: true },
      { id: "b", fencingToken: second?.czxid, priority: 0, isLeader: false },
    ]);
  });

  test("observe(): who leads and what they proclaim; the word of a former leader is not the next one's", async () => {
    const [a, b] = [await latchOf("a"), await latchOf("b")];
    const watching = new LeaderLatch(observer, path);
    const controller = new AbortController();
    const seen: (string | undefined)[] = [];
    let newest: Leader | undefined;
    const observing = (async () => {
      for await (const leader of watching.observe({ signal: controller.signal })) {
        newest = leader;
        const data = leader?.data;
        seen.push(leader && `${leader.id}:${data == null ? "-" : Buffer.from(data).toString()}`);
      }
    })();
    await eventually(() => seen.length === 1);
    const term = await next(a.terms());
    await eventually(() => seen.length === 2);
    expect(newest?.fencingToken).toBe(term.fencingToken);
    await a.proclaim("one");
    await eventually(() => seen.length === 3);
    await term.proclaim(Uint8Array.of(0x32));
    await eventually(() => seen.length === 4);
    expect(await b.leader()).toMatchObject({ id: "a", data: Uint8Array.of(0x32) });
    expect((await nodes())[0]?.id).toBe("a");
    void next(b.terms()).catch(() => {});
    await eventually(async () => (await nodes()).length === 2);
    await a.resign();
    await eventually(() => seen.at(-1) === "b:-");
    expect(await failureOf(a.proclaim("late"))).toMatchObject({ code: "LEASE_LOST" });
    await b.resign();
    await eventually(() => seen.at(-1) === undefined && seen.length > 5);
    expect(seen).toEqual([undefined, "a:-", "a:one", "a:2", "b:-", undefined]);
    expect(await b.leader()).toBeUndefined();
    controller.abort();
    await observing;
  });

  test("a proclamation is refused where this latch never led", async () => {
    const latch = await latchOf("a");
    expect(await failureOf(latch.proclaim("x"))).toMatchObject({ code: "LEASE_LOST" });
    await latch.resign();
  });
});

describe("priority", () => {
  test("the higher goes first; whoever leads is left to lead; one without stands back for nobody", async () => {
    const elected: string[] = [];
    const contend = async (id: string, priority?: number): Promise<AbortController> => {
      const latch = await latchOf(id, priority === undefined ? {} : { priority });
      const controller = new AbortController();
      const before = (await nodes()).length;
      const body = async (term: Term): Promise<void> => {
        elected.push(id);
        await term.ended;
      };
      latch.run(body, { signal: controller.signal }).catch(() => {});
      await eventually(async () => (await nodes()).length === before + 1);
      return controller;
    };
    const low = await contend("low", 1);
    await eventually(() => elected.length === 1);
    await contend("lower", -5);
    const plain = await contend("plain");
    await contend("middle", 2);
    const high = await contend("high", 10);
    const participants = await new LeaderLatch(observer, path).participants();
    expect(participants.map(({ id, priority }) => `${id}:${priority}`)).toEqual([
      "low:1",
      "lower:-5",
      "plain:0",
      "middle:2",
      "high:10",
    ]);
    expect(elected).toEqual(["low"]);
    for (const leaving of [low, plain, high]) {
      const { length } = elected;
      leaving.abort();
      await eventually(() => elected.length > length);
    }
    // The one without a priority was before them in line.
    expect(elected).toEqual(["low", "plain", "high", "middle"]);
    expect((await nodes()).map(({ id }) => id)).toEqual(["middle", "lower"]);
  });
});

test("bad options are refused at once", () => {
  const make =
    (options: object, at = path) =>
    () =>
      new LeaderLatch(observer, at, options);
  const refused = expect.objectContaining({ code: "INVALID_ARGUMENT" });
  expect(make({}, "nowhere")).toThrow(refused);
  expect(make({ id: 7 })).toThrow(refused);
  expect(make({ onSuspended: "maybe" })).toThrow(refused);
  expect(make({ priority: 1.5 })).toThrow(refused);
});

test("no herd: each candidate's znode is watched by itself and the one behind it, and a resignation wakes that one alone", async () => {
  const candidates = 10;
  const waiting: Promise<Term>[] = [];
  for (let index = 0; index < candidates; index++) {
    const term = next((await latchOf(`${index}`)).terms());
    term.catch(() => {});
    waiting.push(term);
    await eventually(async () => (await nodes()).length === index + 1);
  }
  const first = await (waiting[0] as Promise<Term>);
  const lined = await nodes();
  // By the servers' word, in the order of the line.
  const watched = async (): Promise<number[]> => {
    const watchers = await watchersBelow(members, path);
    return lined.map(({ name }) => watchers.get(`${path}/${name}`)?.size ?? 0);
  };
  const expected = [...Array(candidates - 1).fill(2), 1];
  await eventually(async () => (await watched()).join() === expected.join());
  await first.release();
  const second = await (waiting[1] as Promise<Term>);
  await observer.sync(path);
  expect(await watched()).toEqual([0, ...expected.slice(1)]);
  second.assertHeld();
});
