import { expect, test } from "vitest";
import { parseMntr, parseSrvr, quorumOf, type ServerReport } from "../../src/servers/server-report.ts";

test("srvr of a server of version 3.8", () => {
  const text = `Zookeeper version: 3.8.0-5a02a05eddb59aee6ac762f7ea82e92a68eb9c0f, built on 2022-02-25 08:49 UTC
Latency min/avg/max: 0/1.5/12
Received: 30
Sent: 29
Connections: 2
Outstanding: 1
Zxid: 0x100000012
Mode: leader
Node count: 7
Proposal sizes last/min/max: 36/36/84
`;
  expect(parseSrvr(text)).toEqual({
    mode: "leader",
    version: "3.8.0",
    zxid: 0x100000012n,
    connections: 2,
    outstanding: 1,
    znodes: 7,
    latencyMs: { min: 0, avg: 1.5, max: 12 },
  });
});

test("srvr of a server without a quorum", () => {
  expect(parseSrvr("This ZooKeeper instance is not currently serving requests\n")).toEqual({ mode: "not-serving" });
});

test("mntr, as far as it tells", () => {
  const text = "zk_watch_count\t3\nzk_global_sessions\t4\nzk_quorum_size\t3\nzk_synced_followers\t2\n";
  expect(parseMntr(text)).toEqual({ watches: 3, sessions: 4, voters: 3, syncedFollowers: 2 });
  expect(parseMntr("")).toEqual({});
});

function report(mode: ServerReport["mode"], more: Partial<ServerReport> = {}): ServerReport {
  return { server: "s", mode, ...more };
}

test.each([
  ["yes", [report("leader"), report("unreachable")]],
  ["yes", [report("follower"), report("unreachable"), report("unreachable")]],
  ["yes", [report("leader", { voters: 3, syncedFollowers: 1 })]],
  ["yes", [report("standalone")]],
  ["no", [report("leader", { voters: 3, syncedFollowers: 0 }), report("follower")]],
  ["no", [report("leader", { voters: 4, syncedFollowers: 1 })]],
  ["no", [report("not-serving"), report("read-only"), report("unreachable")]],
  ["unknown", [report("silent"), report("unreachable")]],
  ["yes", [report("silent"), report("follower")]],
] as const)("a quorum: %s, by what %j say", (quorum, reports) => {
  expect(quorumOf(reports)).toBe(quorum);
});
