import { connect } from "@quorate/core";
import { afterEach, expect, it, vi } from "vitest";
import { EmbeddedServer, LeakCheck, LeakError, type Leaks, TestZooKeeper } from "../../src/index.ts";

afterEach(() => {
  vi.useRealTimers();
});

const nothing: Leaks = { sessions: [], watches: [], ephemerals: [] };

it("has a server of its own, or a chroot on a shared one, which goes in the end", async () => {
  await using server = await EmbeddedServer.start();
  const [own, silent, first, second] = await Promise.all([
    TestZooKeeper.open(),
    TestZooKeeper.open({ listen: false }),
    TestZooKeeper.open({ shared: server }),
    TestZooKeeper.open({ shared: server.connectString }),
  ]);
  expect(first.connectString).toMatch(new RegExp(`^${server.connectString}/test-`));
  for (const zookeeper of [own, silent, first, second]) {
    const client = await zookeeper.connect();
    await client.create("/a/b", "", { parents: true });
    await client.close();
  }
  expect(own.server?.snapshot().znodes.map(({ path }) => path)).toContain("/a/b");
  expect(second.server).toBeUndefined();
  expect(first.server).toBe(server);
  await Promise.all([own, silent, first, second].map((zookeeper) => zookeeper.close()));
  expect(server.snapshot().znodes).toHaveLength(4);
  expect(server.leaks()).toEqual(nothing);
  await expect(connect(own.connectString, { connectTimeoutMs: 300 })).rejects.toMatchObject({ code: "CONNECT" });
});

it("closes what tests have left open", async () => {
  const zookeeper = await TestZooKeeper.open();
  const client = await zookeeper.connect();
  await zookeeper.close();
  expect(client.state).toBe("closed");
});

it.each(["own", "object", "string"] as const)("finds what is left on a server (%s)", async (kind) => {
  await using server = await EmbeddedServer.start();
  const shared = kind === "object" ? { shared: server } : kind === "string" ? { shared: server.connectString } : {};
  await using zookeeper = await TestZooKeeper.open(shared);
  const chroot = zookeeper.connectString.replace(/^[^/]*/, "");
  const elsewhere = await connect(server.connectString);
  const before = await zookeeper.connect();
  const check = await zookeeper.checkLeaks();
  const client = await zookeeper.connect();
  await client.create("/e", "", { mode: "ephemeral" });
  await client.watch("/w", { mode: "recursive" }).ready;
  await before.create("/later", "", { mode: "ephemeral" });
  await elsewhere.create("/elsewhere", "", { mode: "ephemeral" });
  const error = await check.verify({ graceMs: 0 }).catch((thrown: unknown) => thrown as LeakError);
  const sessionId = client.session?.id;
  expect(error).toBeInstanceOf(LeakError);
  expect(error).toMatchObject({
    leaks: {
      sessions: [sessionId],
      watches: [{ path: `${chroot}/w`, sessionId }],
      ephemerals: [
        { path: `${chroot}/e`, sessionId },
        { path: `${chroot}/later`, sessionId: before.session?.id },
      ],
    },
  });
  await client.close();
  await before.delete("/later");
  await check.verify();
  await elsewhere.close();
});

it("waits for what is on its way out, under fake timers too", async () => {
  vi.useFakeTimers();
  let calls = 0;
  const check = await LeakCheck.start(() => ({ ...nothing, sessions: calls++ > 0 && calls < 5 ? [1n] : [] }));
  await check.verify();
  expect(calls).toBe(5);
  const stubborn = await LeakCheck.start(() => ({ ...nothing, sessions: calls++ > 5 ? [1n] : [] }));
  await expect(stubborn.verify({ graceMs: 30 })).rejects.toThrow(LeakError);
});
