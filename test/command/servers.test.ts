import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { expect, inject, test } from "vitest";
import { makeCertificates } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { quorate, quorateJson } from "./support/quorate.ts";

interface Status {
  readonly quorum: boolean;
  readonly servers: readonly {
    readonly server: string;
    readonly mode: string;
    readonly version?: string;
    readonly readOnly: boolean;
  }[];
}

interface Diagnosis {
  readonly healthy: boolean;
  readonly findings: readonly { readonly check: string; readonly verdict: string; readonly found: string }[];
}

/** Nobody listens there. */
const nowhere = "127.0.0.1:1";

/** Not to mistake a busy machine for a dead server. */
const patiently = ["--timeout", "30s"];

test("status tells what each member of a real ensemble is", async () => {
  // On a busy machine the members may be choosing a leader just now.
  await eventually(async () => {
    const options = { connect: inject("zookeeper").connectString };
    const { quorum, servers } = await quorateJson<Status>(["status", ...patiently], options);
    expect(quorum).toBe(true);
    expect(servers.map(({ mode }) => mode).sort()).toEqual(["follower", "follower", "leader"]);
    for (const { version } of servers) expect(version).toMatch(/^3\./);
    return true;
  });
});

test("status ends with 1 when there is no quorum, and names who does not answer", async () => {
  const { status, stdout, stderr } = await quorate(["status", "--timeout", "1s"], { connect: nowhere });
  expect(status).toBe(1);
  expect(stdout).toContain("unreachable");
  expect(stdout).toContain("quorum: no");
  expect(stderr).toContain("ECONNREFUSED");
});

test("what cannot be reached is told, with a status of its own", async () => {
  const { status, stderr } = await quorate(["ls", "--connect-timeout", "300ms"], { connect: nowhere });
  expect(status).toBe(6);
  expect(stderr).toContain(nowhere);
});

test("doctor finds a real ensemble healthy", async () => {
  const { connectString } = inject("zookeeper");
  await using client = await connect(connectString);
  const root = await ownPath(client);
  await eventually(async () => {
    const { healthy, findings } = await quorateJson<Diagnosis>(["doctor", "--path", root, ...patiently], {
      connect: connectString,
    });
    expect(findings.filter(({ verdict }) => verdict === "problem")).toEqual([]);
    expect(healthy).toBe(true);
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set([
        ...connectString.split(",").map((one) => `server ${one}`),
        "quorum",
        "session",
        "identity",
        "reads",
        "writes",
        "clock",
        "tree",
      ]),
    );
    return true;
  });
  expect((await client.children("/")).filter((name) => name.startsWith("quorate-doctor"))).toEqual([]);
});

test("doctor finds orphaned contenders, repeated ones and oversized znodes", async () => {
  await using server = await EmbeddedServer.start();
  await using client = await connect(server.connectString);
  await client.create("/locks/a/_c_x-lock-0000000001", null, { parents: true });
  await client.create("/locks/b", null);
  for (const name of ["_c_1-lock-0000000001", "_c_2-lock-0000000002"])
    await client.create(`/locks/b/${name}`, null, { mode: "ephemeral" });
  await client.create("/large", Buffer.alloc(2000));
  const { status, stdout } = await quorate(["doctor", "--json", "--large", "2000"], { connect: server.connectString });
  expect(status).toBe(1);
  const { findings } = JSON.parse(stdout) as Diagnosis;
  const found = findings
    .filter(({ check }) => check === "contenders" || check === "sizes")
    .map((one) => [one.verdict, one.found]);
  expect(found).toEqual([
    ["problem", expect.stringContaining("/locks/a/_c_x-lock-0000000001 is not ephemeral")],
    ["warning", expect.stringMatching(/stands 2 times in line at \/locks\/b/)],
    ["warning", expect.stringContaining("/large holds 2000 bytes")],
  ]);
});

test("doctor tells what is wrong when there is nothing to connect to, or the credentials are refused", async () => {
  const away = await quorate(["doctor", "--timeout", "300ms", "--connect-timeout", "300ms"], { connect: nowhere });
  expect(away.status).toBe(1);
  expect(away.stdout).toMatch(/problem\s+server 127\.0\.0\.1:1\s+.*ECONNREFUSED/);
  await using server = await EmbeddedServer.start({ saslUsers: { me: "right" } });
  const env = { QUORATE_AUTH: "sasl:me:wrong-secret" };
  const refused = await quorate(["doctor"], { connect: server.connectString, env });
  expect(refused.status).toBe(1);
  expect(refused.stdout).toMatch(/problem\s+session/);
  expect(refused.stdout + refused.stderr).not.toContain("wrong-secret");
  expect(await quorate(["ls"], { connect: server.connectString, env })).toMatchObject({ status: 5 });
  expect(
    await quorate(["ls"], { connect: server.connectString, env: { QUORATE_AUTH: "sasl:me:right" } }),
  ).toMatchObject({ status: 0 });
});

test("TLS with a client certificate, by options and by environment", async () => {
  const { ca, server: own, client: ours } = await makeCertificates();
  const directory = await mkdtemp(join(tmpdir(), "quorate-tls-"));
  try {
    const files = { ca, cert: ours.cert, key: ours.key };
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const [caFile, certFile, keyFile] = ["ca", "cert", "key"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    await using server = await EmbeddedServer.start({
      tls: { ...own, ca, requestCert: true, rejectUnauthorized: true },
    });
    const options = { connect: server.connectString };
    const flags = ["--tls-ca", caFile, "--tls-cert", certFile, "--tls-key", keyFile];
    expect(await quorate(["ls", ...flags], options)).toMatchObject({ status: 0, stdout: "zookeeper\n" });
    const env = { QUORATE_TLS_CA: caFile, QUORATE_TLS_CERT: certFile, QUORATE_TLS_KEY: keyFile };
    expect(await quorate(["status"], { ...options, env })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("standalone"),
    });
    const untrusted = await quorate(["ls", "--tls", "--connect-timeout", "2s"], options);
    expect(untrusted).toMatchObject({ status: 6, stderr: expect.stringContaining("self-signed certificate") });
    expect(await quorate(["ls", "--tls-ca", "/no/such/file"], options)).toMatchObject({ status: 2 });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
