import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

const inVainMs = 100;
const patientlyMs = 15_000;

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);
  test("SharedCount: everyone follows it, and only who knew the newest value may set it", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/count`;

    expect(await a.call("count.start", path, 7)).toBe(7);
    expect(await b.call("count.start", path, 99)).toBe(7);
    expect(await a.call("count.trySet", path, -8)).toBe(true);
    await eventually(async () => (await b.call("count.get", path)) === -8);
    expect(await server.look.bytes(path)).toEqual(Buffer.from([0xff, 0xff, 0xff, 0xf8]));

    await server.client.set(path, Buffer.from([0, 0, 1, 0]));
    await eventually(async () => (await a.call("count.get", path)) === 256);
    await a.call("count.close", path);
    await b.call("count.close", path);
  });

  test("DistributedAtomicLong: no addition is lost", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/long`;

    const additions = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).call("long.add", path, 3));
    const values = (await Promise.all(additions)) as [string, string][];
    expect(values.map(([, after]) => Number(after)).sort((x, y) => x - y)).toEqual(values.map((_, i) => 3 * (i + 1)));
    expect((await server.look.bytes(path)).readBigInt64BE()).toBe(60n);
  });

  test("DistributedBarrier: holds until it is removed", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/barrier`;

    await a.call("barrier.set", path);
    expect(await b.call("barrier.wait", path, inVainMs)).toBe(false);
    const waiting = b.call("barrier.wait", path, patientlyMs);
    await a.call("barrier.remove", path);
    expect(await waiting).toBe(true);
  });

  test("DistributedDoubleBarrier: nobody enters before all are there, nobody leaves before all are done", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/gate`;

    const first = a.call("gate.enter", path, 2, patientlyMs);
    await eventually(async () => (await server.look.children(path)).length === 1);
    expect(await b.call("gate.enter", path, 2, patientlyMs)).toBe(true);
    expect(await first).toBe(true);
    expect(await server.look.children(path)).toContain("ready");

    const leaving = a.call("gate.leave", path, patientlyMs);
    expect(await b.call("gate.leave", path, patientlyMs)).toBe(true);
    expect(await leaving).toBe(true);
    expect(await server.look.children(path)).toEqual([]);
  });
});
