import { type Client, ConnectError, connect, NotReadOnlyError, type Session } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytes } from "../support/bytes.ts";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";

let ensemble: ZooKeeperEnsemble;
let path: string;
/** Connected before the quorum was lost: one that accepts a read-only server, one that does not. */
let reader: Client;
let writer: Client;
/** Made while there was no quorum. */
let late: Client;
let waiting: Promise<Client>;
let sessionsBefore: Readonly<Record<"reader" | "writer", Session>>;

const patience = { boundMs: 60_000 };
const options = { connectTimeoutMs: 60_000, sessionTimeoutMs: 4000 } as const;

beforeAll(async () => {
  ensemble = await startEnsemble({
    systemProperties: { "readonlymode.enabled": true },
    // A server without quorum serves sessions of its own only: it opens none without these, and resumes none of the quorum's at all
    // (org.apache.zookeeper.server.quorum.ReadOnlyZooKeeperServer).
    config: { localSessionsEnabled: true, localSessionsUpgradingEnabled: true },
  });
  [reader, writer] = await Promise.all([
    connect(ensemble.connectString, { ...options, readOnly: true }),
    connect(ensemble.connectString, options),
  ]);
  path = await ownPath(writer);
  await writer.set(path, "before");
  await reader.create(`${path}/of-reader`, null, { mode: "ephemeral" });
  // Member 3 must have it all, whoever the clients talked to.
  await using third = await connect(ensemble.member(3).connectString);
  await third.sync(path);
  expect(await third.children(path)).toEqual(["of-reader"]);
  sessionsBefore = { reader: reader.session, writer: writer.session };

  // One member is killed, the other frozen: were both to start again they might swap addresses, and the third take each for the other.
  await Promise.all([ensemble.kill(1), ensemble.pause(2)]);
  await eventually(async () => (await ensemble.status())[2]?.mode === "read-only", patience);
});

afterAll(async () => {
  await Promise.all([reader, writer, late].map((client) => client?.close()));
  await waiting?.then((client) => client.close()).catch(() => {});
  await ensemble?.close();
});

describe("without the quorum", () => {
  test("a client that accepts a read-only server gets one, and is told so", async () => {
    late = await connect(ensemble.connectString, { ...options, readOnly: true });
    expect(late.readOnly).toBe(true);
    expect(late.state).toBe("connected");
  });

  test("it reads", async () => {
    expect((await late.get(path)).data).toEqual(bytes("before"));
    expect(await late.exists(`${path}/none`)).toBeUndefined();
    expect(await late.children(path)).toEqual(["of-reader"]);
    expect((await late.getAcl(path)).acl).toHaveLength(1);
    expect(await late.countDescendants(path)).toBe(1);
  });

  test("it cannot write", async () => {
    for (const [op, write] of [
      ["set", late.set(path, "after")],
      ["create", late.create(`${path}/other`)],
      ["create", late.create(`${path}/mine`, null, { mode: "ephemeral" })],
      ["delete", late.delete(`${path}/of-reader`)],
      ["sync", late.sync(path)],
    ] as const) {
      const error = await failureOf(write);
      expect(error, op).toBeInstanceOf(NotReadOnlyError);
      expect(error).toMatchObject({ code: "NOT_READ_ONLY", serverCode: -119, op });
    }
    expect((await failureOf(late.transaction().set(path, "after").commit())).code).toBe("NOT_READ_ONLY");
  });

  test("one that was connected before goes on reading, in another session", async () => {
    await eventually(() => reader.readOnly && reader.state === "connected", patience);
    expect((await reader.get(path)).data).toEqual(bytes("before"));
    expect((await failureOf(reader.set(path, "after"))).code).toBe("NOT_READ_ONLY");
    expect(sessionsBefore.reader.signal.aborted).toBe(true);
  });

  test("a client that does not accept one is not served, and told why", async () => {
    const { connectString } = ensemble.member(3);
    const error = await failureOf(connect(connectString, { connectTimeoutMs: 2000 }));
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).attempts.map(({ server }) => server)).toEqual([connectString]);
    expect(error.message).toMatch(/cut off from (its|the) quorum/);
    waiting = connect(ensemble.connectString, options);
    waiting.catch(() => {});
  });

  test("nor is one that was connected before", async () => {
    await eventually(() => writer.state !== "connected");
    const error = await failureOf(writer.get(path, { timeoutMs: 500 }));
    expect(["TIMEOUT", "CONNECTION_LOSS"]).toContain(error.code);
    expect(writer.readOnly).toBe(false);
  });
});

describe("with the quorum back", () => {
  beforeAll(async () => {
    await ensemble.start(1);
    await ensemble.resume(2);
  });

  test.each([
    ["that read", (): Client => late],
    ["that read, and was connected before", (): Client => reader],
  ])("a client %s writes", async (_which, client) => {
    await eventually(() => !client().readOnly && client().state === "connected", patience);
    const { version } = await client().set(path, "after", { timeoutMs: 30_000 });
    expect((await client().get(path)).stat.version).toBe(version);
    const mine = await client().create(`${path}/mine-`, null, { mode: "ephemeral-sequential" });
    expect(mine.stat.ephemeralOwner).toBe(client().session.id);
    expect(await client().ephemerals(path)).toEqual([mine.path]);
  });

  test("a client that waited is served", async () => {
    await using client = await waiting;
    expect(client.readOnly).toBe(false);
    await client.set(path, "after that");
    await writer.whenConnected({ timeoutMs: 60_000 });
    await writer.set(path, "and again");
    expect(writer.readOnly).toBe(false);
  });

  test("the ensemble is whole again, and what belonged to lost sessions is gone", async () => {
    await ensemble.ready();
    await eventually(async () => (await writer.exists(`${path}/of-reader`)) === undefined);
  });
});

test("a client leaves a server that stays read-only as soon as it is told of the quorum", async () => {
  await ensemble.partition([3]);
  await eventually(async () => (await ensemble.status())[2]?.mode === "read-only", patience);
  await using client = await connect(ensemble.member(3).connectString, { ...options, readOnly: true });
  expect(client.readOnly).toBe(true);
  client.setServers(ensemble.connectString);
  await eventually(() => !client.readOnly && client.state === "connected", patience);
  await client.set(path, "from the cut-off side");
  expect((await ensemble.status())[2]?.mode).toBe("read-only");
});
