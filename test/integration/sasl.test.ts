import { AuthFailedError, type Client, ConnectError, connect, creatorAcl, NoAuthError } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { failureOf, shown } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";

const passwords = {
  ann: "top-secret-ann",
  bob: 'top-secret "quoted", comma=',
  zoë: "top-secret-schlüssel",
  wei: "top-secret-密码",
} as const;

const as = (username: keyof typeof passwords) => ({ scheme: "sasl", username, password: passwords[username] }) as const;

const jaas = `Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  ${Object.entries(passwords)
    .map(([user, password]) => `user_${user}=${JSON.stringify(password)}`)
    .join("\n  ")};
};
`;

let ensemble: ZooKeeperEnsemble;

beforeAll(async () => {
  ensemble = await startEnsemble({
    nodes: 1,
    files: { "jaas.conf": jaas },
    systemProperties: {
      "java.security.auth.login.config": "${confDir}/jaas.conf",
      "zookeeper.authProvider.sasl": "org.apache.zookeeper.server.auth.SASLAuthenticationProvider",
      "zookeeper.sessionRequireClientSASLAuth": true,
    },
  });
});

afterAll(async () => {
  await ensemble?.close();
});

const identities = async (client: Client): Promise<readonly string[]> =>
  (await client.whoAmI()).filter(({ authScheme }) => authScheme !== "ip").map(({ user }) => user);

describe("SASL DIGEST-MD5", () => {
  test.each(Object.keys(passwords) as (keyof typeof passwords)[])("%s is known by the right password", async (user) => {
    await using client = await connect(ensemble.connectString, { auth: as(user) });
    expect(await client.whoAmI()).toContainEqual({ authScheme: "sasl", user });
  });

  test("what a user creates for itself is closed to others", async () => {
    await using ann = await connect(ensemble.connectString, { auth: as("ann") });
    await using bob = await connect(ensemble.connectString, { auth: as("bob") });
    const path = `${await ownPath(ann)}/own`;
    await ann.create(path, "mine", { acl: creatorAcl });
    expect((await ann.getAcl(path)).acl).toEqual([{ perms: 31, id: { scheme: "sasl", id: "ann" } }]);
    expect(await failureOf(bob.get(path))).toBeInstanceOf(NoAuthError);
    await ann.setAcl(path, [...creatorAcl, { perms: 1, id: { scheme: "sasl", id: "bob" } }]);
    expect((await bob.get(path)).stat.dataLength).toBe(4);
  });

  test("beside other identities, and again at every reconnect", async () => {
    await using client = await connect(ensemble.connectString, {
      auth: [as("ann"), { scheme: "digest", username: "carl", password: "top-secret-carl" }],
    });
    const { id } = client.session;
    expect([...(await identities(client))].sort()).toEqual(["ann", "carl"]);
    for (let round = 0; round < 3; round++) {
      expect(ensemble.members[0]?.proxy.cut()).toBe(1);
      expect([...(await identities(client))].sort()).toEqual(["ann", "carl"]);
    }
    expect(client.session.id).toBe(id);
  });

  test.each([
    ["a wrong password", { ...as("ann"), password: "top-secret-guess" }],
    ["another user's password", { ...as("ann"), password: passwords.bob }],
    // Not with a password somebody has: ZooKeeper checks an unknown user's against that of whoever logged in last.
    ["an unknown user", { ...as("ann"), username: "nobody", password: "top-secret-guess" }],
  ])("%s: refused at once, with the reason and no secret", async (_what, auth) => {
    const error = await failureOf(connect(ensemble.connectString, { auth, connectTimeoutMs: 50_000 }));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error.cause).toBeInstanceOf(AuthFailedError);
    expect(error.cause).toMatchObject({ code: "AUTH_FAILED", op: "sasl" });
    expect(error.message).toContain("authentication failed");
    expect(shown(error)).not.toContain("top-secret");
  });

  test("nothing of it, where the server demands it: the first operation says so, and the client ends", async () => {
    await using client = await connect(ensemble.connectString);
    const error = await failureOf(client.exists("/"));
    expect(error).toBeInstanceOf(AuthFailedError);
    expect(error.code).toBe("SESSION_CLOSED_REQUIRE_SASL_AUTH");
    expect(await client.closed).toBeInstanceOf(AuthFailedError);
  });
});

test("SASL towards servers that do not offer it: refused at once, saying so", async () => {
  const { connectString } = inject("zookeeper");
  const error = await failureOf(connect(connectString, { auth: as("ann"), connectTimeoutMs: 50_000 }));
  expect(error).toBeInstanceOf(ConnectError);
  expect(error.cause).toBeInstanceOf(AuthFailedError);
  expect(shown(error)).toContain("offers no SASL authentication");
  expect(shown(error)).not.toContain("top-secret");
});
