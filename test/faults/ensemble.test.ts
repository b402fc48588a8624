import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@quorate/core";
import type { MemberMode, ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fourLetterWord } from "../../packages/testing/src/ensemble/four-letter-word.ts";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { childServers, dockerLeftovers } from "../support/leftovers.ts";
import { providersHere } from "../support/providers.ts";

const providers = await providersHere();

describe.each(providers)("an ensemble of three, provider %s", (provider) => {
  let ensemble: ZooKeeperEnsemble;

  beforeAll(async () => {
    ensemble = await startEnsemble({ provider });
  });

  afterEach(async () => {
    await ensemble.heal();
    for (const { id } of ensemble.members) {
      await ensemble.start(id);
      await ensemble.resume(id);
    }
    await ensemble.ready();
  });

  afterAll(async () => {
    await ensemble?.close();
  });

  async function leaderId(): Promise<number> {
    const leader = await eventually(() => ensemble.leader());
    return leader.id;
  }

  async function followerId(): Promise<number> {
    const follower = (await ensemble.status()).find(({ mode }) => mode === "follower");
    return follower?.id ?? expect.fail("no follower");
  }

  async function modes(): Promise<readonly MemberMode[]> {
    return (await ensemble.status()).map(({ mode }) => mode);
  }

  /** Creates a znode through any member. */
  async function write(path: string): Promise<void> {
    await using client = await connect(ensemble.connectString);
    await client.create(path, "x");
  }

  /** Reads it through one member. */
  async function has(id: number, path: string): Promise<boolean> {
    await using client = await connect(ensemble.member(id).connectString);
    await client.sync(path);
    return (await client.exists(path)) !== undefined;
  }

  test("has one leader and two followers, each configured as asked", async () => {
    expect([...(await modes())].sort()).toEqual(["follower", "follower", "leader"]);
    expect(ensemble.provider).toBe(provider);
    for (const { id, role } of ensemble.members) {
      expect(role).toBe("participant");
      const config = await ensemble.fourLetter(id, "conf");
      expect(config).toContain(`serverId=${id}\n`);
      expect(config).toContain("tickTime=500\n");
    }
  });

  test("kill: another leads in a later epoch; start: it follows on the data it had", async () => {
    await write("/before-kill");
    const old = await leaderId();
    const before = (await ensemble.status()).find(({ id }) => id === old);
    await ensemble.kill(old);
    await ensemble.kill(old);
    await ensemble.ready();
    const leader = (await ensemble.status()).find(({ mode }) => mode === "leader");
    expect(leader?.id).not.toBe(old);
    expect((leader?.zxid ?? 0n) >> 32n).toBeGreaterThan((before?.zxid ?? 0n) >> 32n);
    expect((await ensemble.status())[old - 1]?.mode).toBe("stopped");
    await expect(ensemble.fourLetter(old, "ruok")).rejects.toMatchObject({ code: "ENSEMBLE" });
    await ensemble.start(old);
    await ensemble.ready();
    expect((await ensemble.status())[old - 1]?.mode).toBe("follower");
    expect(await has(old, "/before-kill")).toBe(true);
  });

  test("stop and restart: all of them, one by one and together, keep the data and their addresses", async () => {
    await write("/before-restart");
    const { connectString } = ensemble;
    await ensemble.restart(await followerId());
    await ensemble.ready();
    await Promise.all(ensemble.members.map(({ id }) => ensemble.stop(id)));
    expect(await modes()).toEqual(["stopped", "stopped", "stopped"]);
    await Promise.all(ensemble.members.map(({ id }) => ensemble.start(id)));
    await ensemble.ready();
    expect(ensemble.connectString).toBe(connectString);
    for (const { id } of ensemble.members) expect(await has(id, "/before-restart")).toBe(true);
  });

  test("without a majority nobody serves, and ready() says so", async () => {
    const leader = await leaderId();
    const [survivor] = ensemble.members.filter(({ id }) => id !== leader);
    for (const { id } of ensemble.members) if (id !== survivor?.id) await ensemble.kill(id);
    await eventually(async () => (await modes()).includes("unreachable"));
    await expect(ensemble.ready({ timeoutMs: 300 })).rejects.toThrow(/not ready \(\d unreachable\)/);
    await expect(ensemble.ready({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    expect(await ensemble.leader()).toBeUndefined();
  });

  test("pause: silent and not replaced by an error; resume: serves on", async () => {
    const id = await followerId();
    await ensemble.pause(id);
    await ensemble.pause(id);
    expect((await ensemble.status())[id - 1]?.mode).toBe("unreachable");
    const { host, port } = ensemble.member(id).proxy;
    await expect(fourLetterWord({ host, port }, "ruok", 300)).rejects.toThrow(/no answer to ruok within/);
    await ensemble.ready();
    await ensemble.resume(id);
    await ensemble.ready();
    expect(await fourLetterWord({ host, port }, "ruok", 5000)).toBe("imok");
  });

  test("a paused member can be killed", async () => {
    const id = await followerId();
    await ensemble.pause(id);
    await ensemble.kill(id);
    expect((await ensemble.status())[id - 1]?.mode).toBe("stopped");
    await expect(ensemble.pause(id)).rejects.toMatchObject({ code: "ENSEMBLE", memberId: id });
  });

  test("partition: the others elect, clients still reach the leader cut off, which stops serving; heal: one leader again", async () => {
    const old = await leaderId();
    await ensemble.partition([old]);
    await ensemble.ready();
    await write("/while-apart");
    expect(await leaderId()).not.toBe(old);
    const { host, port } = ensemble.member(old).proxy;
    expect(await fourLetterWord({ host, port }, "ruok", 5000)).toBe("imok");
    await eventually(async () => (await ensemble.status())[old - 1]?.mode === "unreachable");
    await ensemble.heal();
    await ensemble.ready();
    expect((await ensemble.status())[old - 1]?.mode).toBe("follower");
    expect(await has(old, "/while-apart")).toBe(true);
  });

  test("partition of two: they go on together, and the third alone does not serve", async () => {
    const follower = await followerId();
    const pair = ensemble.members.map(({ id }) => id).filter((id) => id !== follower);
    await ensemble.partition(pair);
    await ensemble.ready();
    await eventually(async () => (await ensemble.status())[follower - 1]?.mode === "unreachable");
    expect(pair).toContain(await leaderId());
  });

  test("a member that is down can be cut off, and comes up alone", async () => {
    const id = await followerId();
    await ensemble.kill(id);
    await ensemble.partition([id]);
    await ensemble.start(id);
    await ensemble.ready();
    // It looks for the others for as long as the partition lasts; a while of it must do here.
    await eventually(async () => (await ensemble.fourLetter(id, "srvr")).includes("not currently serving"));
    await ensemble.heal();
    await ensemble.ready();
    expect((await ensemble.status())[id - 1]?.mode).toBe("follower");
  });

  test("verbs refuse a member that is not there", async () => {
    for (const verb of ["kill", "stop", "start", "restart", "pause", "resume"] as const) {
      await expect(ensemble[verb](4)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    }
    await expect(ensemble.partition([1, 4])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(() => ensemble.member(0)).toThrow(/no member 0/);
  });

  test("directConnectString leads past the proxies to the members that run", async () => {
    await ensemble.kill(1);
    const direct = await ensemble.directConnectString();
    expect(direct.split(",")).toHaveLength(2);
    const before = ensemble.members.map(({ proxy }) => proxy.stats().connections);
    await using client = await connect(direct);
    expect(await client.exists("/zookeeper")).toBeDefined();
    expect(ensemble.members.map(({ proxy }) => proxy.stats().connections)).toEqual(before);
  });

  test("logs tell what a member has printed last", async () => {
    expect(await ensemble.logs(1)).toMatch(/org\.apache\.zookeeper/);
  });
});

describe.each(providers)("nothing is left behind, provider %s", (provider) => {
  let directory: string;
  const { TMPDIR } = process.env;
  const label = (): string => `org.quorate.test=${directory}`;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "quorate-leftovers-"));
    process.env["TMPDIR"] = directory;
  });

  afterAll(async () => {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
    await rm(directory, { recursive: true });
  });

  async function start(options: Parameters<typeof startEnsemble>[0] = {}): Promise<ZooKeeperEnsemble> {
    return startEnsemble({ provider, labels: { "org.quorate.test": directory }, ...options });
  }

  async function leftovers(): Promise<readonly string[]> {
    const containers = provider === "docker" ? await dockerLeftovers(label()) : [];
    return [...containers, ...(await childServers()), ...(await readdir(directory))];
  }

  test("after close, whatever was done to the members", async () => {
    const ensemble = await start();
    expect(await leftovers()).not.toEqual([]);
    await ensemble.kill(1);
    await ensemble.partition([2]);
    await ensemble.pause(3);
    await Promise.all([ensemble.close(), ensemble.close()]);
    expect(await leftovers()).toEqual([]);
    await expect(ensemble.start(1)).rejects.toMatchObject({ code: "ENSEMBLE" });
    await expect(connect(ensemble.connectString, { connectTimeoutMs: 500 })).rejects.toMatchObject({ code: "CONNECT" });
  });

  test("after a member did not come up, which is told at once with its last words", async () => {
    await expect(start({ config: { tickTime: "soon" } })).rejects.toThrow(
      /member \d has exited:[^]*NumberFormatException/,
    );
    expect(await leftovers()).toEqual([]);
  });

  test("after the time for the start was up", async () => {
    await expect(start({ nodes: 1, startTimeoutMs: 1 })).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(await leftovers()).toEqual([]);
  });

  test("after the start was aborted", async () => {
    const controller = new AbortController();
    const starting = expect(start({ signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    await eventually(async () => (await leftovers()).length > 0);
    controller.abort();
    await starting;
    expect(await leftovers()).toEqual([]);
  });
});
