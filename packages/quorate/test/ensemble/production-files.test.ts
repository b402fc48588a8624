import { formatZooCfg, standingSettings } from "@quorate/testing";
import { expect, test } from "vitest";
import { parseServers, planWarnings, productionFiles } from "../../src/ensemble/production-files.ts";
import { voterWarnings } from "../../src/ensemble/voters.ts";

const plan = {
  servers: [
    ...parseServers(["zk1", "zk2:3888:4888", "[::1]:1:2"], "participant", 1),
    ...parseServers(["zk4"], "observer", 4),
  ],
  dataDir: "/data",
  dataLogDir: "/wal",
  clientPort: 2181,
  tickTimeMs: 2000,
  initLimit: 10,
  syncLimit: 5,
};

test("each machine gets the same list, its own number, and what it is", () => {
  const machines = productionFiles(plan, standingSettings, formatZooCfg);
  expect(machines.map(({ id, host, myid }) => [id, host, myid])).toEqual([
    [1, "zk1", "1\n"],
    [2, "zk2", "2\n"],
    [3, "[::1]", "3\n"],
    [4, "zk4", "4\n"],
  ]);
  for (const { zooCfg } of machines) {
    expect(zooCfg).toMatch(
      /server\.1=zk1:2888:3888\nserver\.2=zk2:3888:4888\nserver\.3=\[::1\]:1:2\nserver\.4=zk4:2888:3888:observer\n$/,
    );
    expect(zooCfg).toContain("dataDir=/data\ndataLogDir=/wal\nclientPort=2181\n");
    // What loses data, or is for tests only.
    expect(zooCfg).not.toMatch(/forceSync|skipACL|whitelist=\*/);
  }
  expect(machines.map(({ zooCfg }) => zooCfg.includes("peerType=observer"))).toEqual([false, false, false, true]);
});

test("one server stands alone", () => {
  const [machine] = productionFiles(
    { ...plan, servers: parseServers(["zk1"], "participant", 1) },
    standingSettings,
    formatZooCfg,
  );
  expect(machine?.zooCfg).not.toMatch(/server\.|standaloneEnabled/);
});

test.each(["", ":2888:3888", "zk1:2888", "zk1:0:3888", "zk1:2888:70000", "a b"])("%j is no server", (text) => {
  expect(() => parseServers([text], "participant", 1)).toThrow(/is not host:2888:3888/);
});

test("warnings about what is known to go wrong", () => {
  expect(planWarnings(plan)).toEqual([expect.stringContaining("[::1] is reached from no other machine")]);
  const servers = parseServers(["zk1", "zk1:1:2", "localhost"], "participant", 1);
  const bad = planWarnings({ ...plan, servers, initLimit: 2, syncLimit: 1 });
  expect(bad).toEqual([
    expect.stringContaining("more than one server runs on zk1"),
    expect.stringContaining("localhost is reached from no other machine"),
    expect.stringContaining("initLimit x tickTime is 4000 ms"),
    expect.stringContaining("syncLimit x tickTime is 2000 ms"),
  ]);
});

test.each([
  [1, /single server/],
  [2, /even number: they survive no failure, as 1 do/],
  [4, /even number: they survive one failure, as 3 do/],
  [6, /survive 2 failures, as 5 do/],
  [9, /each write waits for 5/],
])("%i voters are warned of", (voters, text) => {
  expect(voterWarnings(voters).join()).toMatch(text);
});

test.each([3, 5, 7])("%i voters are fine", (voters) => {
  expect(voterWarnings(voters)).toEqual([]);
});
