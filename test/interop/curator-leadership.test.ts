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

  test("LeaderLatch: one leader, known to all; the next one when it closes, or its session is lost", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/latch`;

    await a.call("latch.start", path, "first");
    expect(await a.call("latch.await", path, patientlyMs)).toBe(true);
    await b.call("latch.start", path, "second");
    await eventually(async () => (await server.look.children(path)).length === 2);
    expect(await b.call("latch.await", path, inVainMs)).toBe(false);
    await eventually(async () => expect(await b.call("latch.participants", path)).toEqual(["first", "second"]));
    expect(await b.call("latch.leader", path)).toBe("first");
    const leader = (await server.look.children(path)).find((name) => name.endsWith("-latch-0000000000"));
    expect(await server.look.text(`${path}/${leader}`)).toBe("first");

    await a.call("latch.close", path);
    expect(await b.call("latch.await", path, patientlyMs)).toBe(true);
    expect(await server.look.children(path)).toHaveLength(1);

    await a.call("latch.start", path, "third");
    await eventually(async () => (await server.look.children(path)).length === 2);
    await b.call("session.kill");
    expect(await a.call("latch.await", path, patientlyMs)).toBe(true);
    // The one that lost its session lines up again, behind.
    await eventually(async () => expect(await a.call("latch.participants", path)).toEqual(["second", "third"]));
    expect(await b.call("latch.leads", path)).toBe(false);
    await a.call("latch.close", path);
    await b.call("latch.close", path);
    // Closing does not wait for the delete it sends.
    await eventually(async () => (await server.look.children(path)).length === 0);
  });

  test("LeaderSelector: terms are taken in turn", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/selector`;

    await a.call("selector.start", path, "first");
    expect(await a.call("selector.await", path, patientlyMs)).toBe(true);
    await b.call("selector.start", path, "second");
    expect(await b.call("selector.await", path, inVainMs)).toBe(false);
    await eventually(async () => expect(await b.call("selector.leader", path)).toBe("first"));
    await a.call("selector.resign", path);
    expect(await b.call("selector.await", path, patientlyMs)).toBe(true);
    await eventually(async () => expect(await a.call("selector.leader", path)).toBe("second"));
    await b.call("selector.resign", path);
    await a.call("selector.close", path);
    await b.call("selector.close", path);
  });
});
