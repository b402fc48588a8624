import { connect } from "@quorate/core";
import { ZooKeeperEnsemble } from "@quorate/testing";
import { afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { startEnsemble } from "../support/ensembles.ts";
import { providersHere } from "../support/providers.ts";

test("the shared ensemble has three members behind proxies, and serves", async () => {
  const { connectString, members } = inject("zookeeper");
  expect(members).toHaveLength(3);
  expect(connectString).toBe(members.join(","));
  await using client = await connect(connectString);
  expect(await client.exists("/zookeeper")).toBeDefined();
});

test("options that cannot work are refused before anything is started", async () => {
  await expect(ZooKeeperEnsemble.start({ nodes: 0 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(ZooKeeperEnsemble.start({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
});

describe.each(await providersHere())("provider %s", (provider) => {
  let ensemble: ZooKeeperEnsemble | undefined;

  afterEach(async () => {
    await ensemble?.close();
    ensemble = undefined;
  });

  async function modes(): Promise<readonly string[]> {
    return (await ensemble?.status())?.map(({ mode }) => mode) ?? [];
  }

  test("one node stands alone", async () => {
    ensemble = await startEnsemble({ provider, nodes: 1 });
    expect(await modes()).toEqual(["standalone"]);
    expect((await ensemble.leader())?.id).toBe(1);
    await ensemble.restart(1);
    await ensemble.ready();
    expect(await modes()).toEqual(["standalone"]);
  });

  test("an observer observes, serves, and comes back after a kill", async () => {
    ensemble = await startEnsemble({ provider, nodes: 1, observers: 1 });
    expect(await modes()).toEqual(["leader", "observer"]);
    expect(ensemble.members.map(({ role }) => role)).toEqual(["participant", "observer"]);
    await using client = await connect(ensemble.member(2).connectString);
    await client.create("/by-observer");
    await ensemble.kill(2);
    expect(await modes()).toEqual(["leader", "stopped"]);
    await ensemble.start(2);
    await ensemble.ready();
    expect(await modes()).toEqual(["leader", "observer"]);
  });

  test("settings and system properties reach the servers", async () => {
    const systemProperties = { "zookeeper.extendedTypesEnabled": true };
    ensemble = await startEnsemble({
      provider,
      nodes: 1,
      tickTimeMs: 250,
      config: { maxClientCnxns: 7 },
      systemProperties,
    });
    const config = await ensemble.fourLetter(1, "conf");
    expect(config).toContain("tickTime=250\n");
    expect(config).toContain("maxClientCnxns=7\n");
    await using client = await connect(ensemble.connectString);
    // Refused by a server without the property.
    await client.create("/short-lived", null, { ttlMs: 60_000 });
  });

  test("with reconfiguration members tell each other where they are, which takes processes past the links between them", async () => {
    ensemble = await startEnsemble({ provider, nodes: 2, config: { reconfigEnabled: true } });
    expect([...(await modes())].sort()).toEqual(["follower", "leader"]);
    await using client = await connect(ensemble.connectString);
    const { data } = await client.get("/zookeeper/config");
    expect(Buffer.from(data ?? []).toString()).toMatch(/^server\.2=(zk2|127\.0\.0\.1):/m);
    const partition = ensemble.partition([1]);
    if (provider === "process") await expect(partition).rejects.toMatchObject({ code: "UNSUPPORTED" });
    else await partition;
  });

  describe("with tls", () => {
    let certificates: Certificates;

    beforeAll(async () => {
      certificates = await makeCertificates();
    });

    test("clients with a certificate get in by the secure port, others do not, and the plain port stays", async () => {
      const { ca, server, client } = certificates;
      ensemble = await startEnsemble({ provider, nodes: 1, tls: { ...server, ca, clientAuth: "need" } });
      await using secure = await connect(ensemble.secureConnectString, { tls: { ca, ...client } });
      await secure.create("/over-tls");
      expect(ensemble.member(1).secureProxy?.stats()).toMatchObject({ connections: 1, requests: 0 });
      await using plain = await connect(ensemble.connectString);
      expect(await plain.exists("/over-tls")).toBeDefined();
      const intruder = connect(ensemble.secureConnectString, { tls: { ca }, connectTimeoutMs: 2000 });
      await expect(intruder).rejects.toMatchObject({ code: "CONNECT" });
    });
  });
});
