import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@quorate/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { provider } from "../support/ensembles.ts";
import { dockerLeftovers } from "../support/leftovers.ts";
import { QuorateProcess, quorate, quorateJson } from "./support/quorate.ts";

interface View {
  readonly connectString: string;
  readonly quorum: boolean;
  readonly asConfigured: boolean;
  readonly members: readonly { readonly id: number; readonly role: string; readonly mode: string }[];
}

let directory: string;
let dir: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "quorate-ensemble-command-"));
  dir = join(directory, "ensemble");
});

afterEach(async () => {
  await quorate(["ensemble", "down", "--dir", dir]);
  await rm(directory, { recursive: true, force: true });
});

const up = (...more: string[]): string[] => [
  "ensemble",
  "up",
  "--dir",
  dir,
  "--port",
  "23100",
  "--provider",
  provider === "process" ? "process" : "docker",
  ...more,
];

test("up, stop, start, restart and down, with the data kept until down", async () => {
  const first = await quorateJson<View>(up("--observers", "1"));
  expect(first).toMatchObject({ quorum: true, asConfigured: true });
  expect(first.members.map(({ role }) => role)).toEqual(["participant", "participant", "participant", "observer"]);
  expect(first.members.map(({ mode }) => mode).sort()).toEqual(["follower", "follower", "leader", "observer"]);
  expect(await readFile(join(dir, "2", "data", "myid"), "utf8")).toBe("2\n");
  expect(await readFile(join(dir, "4", "conf", "zoo.cfg"), "utf8")).toContain("peerType=observer\n");
  {
    await using client = await connect(first.connectString);
    await client.create("/kept", "data");
  }
  // What is there is no other ensemble.
  expect(await quorate(up("--nodes", "5"))).toMatchObject({ status: 4 });

  const stopped = await quorateJson<View>(["ensemble", "stop", "1", "2", "--dir", dir]);
  expect(stopped.members.map(({ mode }) => mode).slice(0, 2)).toEqual(["stopped", "stopped"]);
  expect(stopped.quorum).toBe(false);
  expect(await quorate(["ensemble", "status", "--dir", dir])).toMatchObject({ status: 1 });
  expect(await quorate(["ensemble", "stop", "9", "--dir", dir])).toMatchObject({ status: 2 });

  expect(await quorateJson<View>(["ensemble", "start", "--dir", dir])).toMatchObject({
    quorum: true,
    asConfigured: true,
  });
  expect(await quorateJson<View>(["ensemble", "restart", "--dir", dir])).toMatchObject({
    quorum: true,
    asConfigured: true,
  });
  const again = await quorateJson<View>(up());
  expect(again.connectString).toBe(first.connectString);
  expect(await quorate(["get", "/kept"], { connect: again.connectString })).toMatchObject({ stdout: "data" });
  expect(await quorate(["status"], { connect: again.connectString })).toMatchObject({ status: 0 });

  const { id } = JSON.parse(await readFile(join(dir, "ensemble.json"), "utf8")) as { readonly id: string };
  expect(await quorate(["ensemble", "down", "--dir", dir])).toMatchObject({ status: 0 });
  expect(await readdir(dir)).toEqual([]);
  if (provider === "docker") expect(await dockerLeftovers(`org.quorate.ensemble=${id}`)).toEqual([]);
  expect(await quorate(["ensemble", "status", "--dir", dir])).toMatchObject({ status: 3 });
  expect(await quorate(["ensemble", "down", "--dir", dir])).toMatchObject({ status: 0 });
}, 180_000);

test("Ctrl-C during up leaves nothing behind", async () => {
  await using starting = new QuorateProcess(up());
  await starting.says(/starting|quorum/);
  starting.kill("SIGINT");
  const { status } = await starting.result;
  // It may just have been ready.
  if (status === 0) return;
  expect(status).toBe(130);
  expect(await readdir(dir)).toEqual([]);
}, 120_000);

test("config writes what production machines need, and warns", async () => {
  const out = join(directory, "out");
  const { status, stderr } = await quorate([
    "ensemble",
    "config",
    "--server",
    "zk1",
    "zk2",
    "--observer",
    "zk3",
    "--out",
    out,
  ]);
  expect(status).toBe(0);
  expect(stderr).toContain("even number");
  expect((await readdir(out)).sort()).toEqual(["1-zk1", "2-zk2", "3-zk3"]);
  expect(await readFile(join(out, "3-zk3", "zoo.cfg"), "utf8")).toMatch(/server\.3=zk3:2888:3888:observer\n$/);
  const again = ["ensemble", "config", "--server", "zk1", "--out", out];
  expect(await quorate(again)).toMatchObject({ status: 2, stderr: expect.stringContaining("--force") });
  expect(await quorate(["ensemble", "config"])).toMatchObject({ status: 2 });
});
