import { expect, test } from "vitest";
import {
  extraFiles,
  jvmOptions,
  type MemberLayout,
  type PeerAddress,
  zooCfg,
} from "../../src/ensemble/member-files.ts";
import { type EnsembleOptions, type EnsemblePlan, planEnsemble } from "../../src/ensemble/options.ts";

const layout: MemberLayout = {
  confDir: "/c",
  dataDir: "/d",
  dataLogDir: "/l",
  clientPort: 2181,
  securePort: 2281,
};

function peersOf(plan: EnsemblePlan): PeerAddress[] {
  return plan.members.map(({ id, role }) => ({ id, role, host: `h${id}`, quorumPort: 2888, electionPort: 3888 }));
}

/** The lines of one member's zoo.cfg. */
function lines(options: EnsembleOptions, memberId = 1, where: MemberLayout = layout): string[] {
  const plan = planEnsemble(options);
  const member = plan.members.find(({ id }) => id === memberId);
  if (member === undefined) throw new Error(`no member ${memberId}`);
  return zooCfg(plan, member, where, peersOf(plan)).trimEnd().split("\n");
}

test("a voting member's zoo.cfg", () => {
  expect(lines({ tickTimeMs: 400, initLimit: 9, syncLimit: 3 })).toEqual([
    "tickTime=400",
    "initLimit=9",
    "syncLimit=3",
    "dataDir=/d",
    "dataLogDir=/l",
    "clientPort=2181",
    "standaloneEnabled=false",
    "maxClientCnxns=0",
    "4lw.commands.whitelist=*",
    "admin.enableServer=false",
    "forceSync=no",
    "preAllocSize=1024",
    "fastleader.maxNotificationInterval=1000",
    "server.1=h1:2888:3888",
    "server.2=h2:2888:3888",
    "server.3=h3:2888:3888",
  ]);
});

test("observers are marked in every member's list, and know it of themselves", () => {
  const options = { nodes: 1, observers: 1 };
  expect(lines(options, 1)).toContain("server.2=h2:2888:3888:observer");
  expect(lines(options, 1)).not.toContain("peerType=observer");
  expect(lines(options, 2)).toContain("peerType=observer");
  expect(lines(options, 2)).toContain("server.1=h1:2888:3888");
});

test("a standalone server has no server lines, or ZooKeeper would take it for an ensemble of one", () => {
  const standalone = lines({ nodes: 1 });
  expect(standalone.filter((line) => line.startsWith("server."))).toEqual([]);
  expect(standalone).not.toContain("standaloneEnabled=false");
});

test("config adds lines and replaces ours, each key once", () => {
  const result = lines({ config: { maxClientCnxns: 5, "authProvider.sasl": "a.B", reconfigEnabled: true } });
  expect(result.filter((line) => line.startsWith("maxClientCnxns="))).toEqual(["maxClientCnxns=5"]);
  expect(result).toContain("authProvider.sasl=a.B");
  expect(result).toContain("reconfigEnabled=true");
});

test("a TLS port appears with tls only, at the same address as the plain one", () => {
  const tls = { key: "", cert: "", ca: "" };
  expect(lines({}).join()).not.toContain("secure");
  expect(lines({ tls })).toContain("secureClientPort=2281");
  const result = lines({ tls }, 1, { ...layout, clientPortAddress: "127.0.0.1" });
  expect(result).toContain("clientPortAddress=127.0.0.1");
  expect(result).toContain("secureClientPortAddress=127.0.0.1");
  expect(result).toContain("ssl.keyStore.location=/c/server.pem");
});

test("${confDir} is replaced in config, system properties and text files, and in no binary file", () => {
  const binary = Buffer.from("${confDir}");
  const plan = planEnsemble({
    config: { a: "${confDir}/x:${confDir}/y" },
    systemProperties: { "java.security.auth.login.config": "${confDir}/jaas.conf", "zookeeper.skipACL": true },
    files: { "jaas.conf": 'keyTab="${confDir}/k"', k: binary },
  });
  expect(zooCfg(plan, { id: 1, role: "participant" }, layout, [])).toContain("\na=/c/x:/c/y\n");
  expect(jvmOptions(plan, layout)).toEqual(
    expect.arrayContaining(["-Djava.security.auth.login.config=/c/jaas.conf", "-Dzookeeper.skipACL=true"]),
  );
  expect(extraFiles(plan, layout)).toEqual(
    new Map([
      ["jaas.conf", Buffer.from('keyTab="/c/k"')],
      ["k", binary],
    ]),
  );
});
