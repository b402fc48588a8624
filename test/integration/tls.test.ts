import { ConnectError, type ConnectOptions, connect, type TlsOptions } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { startEnsemble } from "../support/ensembles.ts";
import { failureOf } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";

let trusted: Certificates;
let foreign: Certificates;
let ensemble: ZooKeeperEnsemble;

beforeAll(async () => {
  [trusted, foreign] = await Promise.all([makeCertificates(), makeCertificates()]);
  ensemble = await startEnsemble({
    nodes: 1,
    tls: { ...trusted.server, ca: trusted.ca, clientAuth: "need" },
    systemProperties: {
      "zookeeper.authProvider.x509": "org.apache.zookeeper.server.auth.X509AuthenticationProvider",
    },
  });
});

afterAll(async () => {
  await ensemble?.close();
});

const port = (): string => ensemble.secureConnectString.replace(/^.*:/, "");

/** Bounded well below the test's own time-out: a connect that hangs fails by what it says. */
const bound = { connectTimeoutMs: 2000 };

async function refusal(servers: string, options: ConnectOptions): Promise<ConnectError> {
  const error = await failureOf(connect(servers, { ...bound, ...options }));
  expect(error).toBeInstanceOf(ConnectError);
  const refused = error as ConnectError;
  expect(refused.attempts.map(({ server }) => server)).toEqual([servers]);
  return refused;
}

/** What the server takes. */
const asClient = (): TlsOptions => ({ ca: trusted.ca, ...trusted.client });

describe("with a client certificate the server trusts", () => {
  test("connects, and is known by the certificate's name", async () => {
    await using client = await connect(ensemble.secureConnectString, { tls: asClient() });
    expect(await client.whoAmI()).toContainEqual({ authScheme: "x509", user: "CN=client" });
    const { path } = await client.create("/by-certificate", "1", {
      acl: [{ perms: 31, id: { scheme: "auth", id: "" } }],
    });
    expect((await client.getAcl(path)).acl).toEqual([{ perms: 31, id: { scheme: "x509", id: "CN=client" } }]);
    await using plain = await connect(ensemble.connectString);
    expect((await failureOf(plain.get(path))).code).toBe("NO_AUTH");
  });

  test("the server's name is taken from the connect string, or from the option", async () => {
    await using byName = await connect(`localhost:${port()}`, { tls: asClient() });
    expect(await byName.exists("/")).toBeDefined();
    await using byOption = await connect(ensemble.secureConnectString, {
      tls: { ...asClient(), servername: "localhost" },
    });
    expect(await byOption.exists("/")).toBeDefined();
  });

  test("verification can be turned off by the option", async () => {
    const options = { tls: { ...trusted.client, rejectUnauthorized: false } };
    await using client = await connect(ensemble.secureConnectString, options);
    expect(await client.exists("/")).toBeDefined();
  });

  test("a megabyte goes there and comes back in many TLS records; requests of a tick stay in order", async () => {
    await using client = await connect(ensemble.secureConnectString, { tls: asClient() });
    const root = await ownPath(client);
    const data = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
    const [, read, stat] = await Promise.all([
      client.create(`${root}/large`, data),
      client.get(`${root}/large`),
      client.set(`${root}/large`, "small"),
    ]);
    expect(Buffer.compare(read.data ?? new Uint8Array(), data)).toBe(0);
    expect(stat.version).toBe(1);
  });

  test("the session goes on after the connection was cut", async () => {
    await using client = await connect(ensemble.secureConnectString, { tls: asClient() });
    const { id } = client.session;
    const root = await ownPath(client);
    await client.create(`${root}/mine`, null, { mode: "ephemeral" });
    expect(ensemble.members[0]?.secureProxy?.cut()).toBeGreaterThan(0);
    expect(await client.ephemerals(root)).toEqual([`${root}/mine`]);
    expect(client.session.id).toBe(id);
  });
});

/** All at once, as each takes as long as connecting may take. */
describe.concurrent("is refused, with the cause, whatever the environment says of verification", () => {
  beforeAll(() => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  });

  afterAll(() => {
    vi.unstubAllEnvs();
  });

  interface Refused {
    readonly who: string;
    readonly servers: () => string;
    readonly tls: () => TlsOptions | undefined;
    readonly code?: RegExp;
    readonly message: RegExp;
  }

  const secure = (): string => ensemble.secureConnectString;
  const refused: readonly Refused[] = [
    {
      who: "a server whose certificate is for another name",
      servers: secure,
      tls: () => ({ ...asClient(), servername: "zookeeper.example" }),
      code: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
      message: /zookeeper\.example/,
    },
    {
      who: "a server whose certificate is of another authority",
      servers: secure,
      tls: () => ({ ...asClient(), ca: foreign.ca }),
      code: /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
      message: /certificate/,
    },
    {
      who: "a server whose certificate is of an authority the system does not know",
      servers: secure,
      tls: () => trusted.client,
      code: /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
      message: /certificate/,
    },
    {
      who: "a client without the certificate it needs",
      servers: secure,
      tls: () => ({ ca: trusted.ca }),
      message: /TLS failed: .* alert/,
    },
    {
      who: "a client with a certificate of another authority",
      servers: secure,
      tls: () => ({ ca: trusted.ca, ...foreign.client }),
      message: /TLS failed: .*alert certificate/,
    },
    { who: "a plain client at the TLS port", servers: secure, tls: () => undefined, message: /TLS/ },
    {
      who: "a TLS client at the plain port",
      servers: () => ensemble.connectString,
      tls: () => ({ ca: trusted.ca }),
      message: /TLS/,
    },
  ];

  test.each(refused)("$who", async ({ servers, tls, code, message }) => {
    const error = await refusal(servers(), { tls: tls() ?? false });
    const cause = error.attempts[0]?.cause;
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n|openssl/);
    expect(error.message).toContain(cause?.message);
    if (code !== undefined) expect(cause).toMatchObject({ code: expect.stringMatching(code) });
  });
});
