import { type Client, connect, digestAcl, NoAuthError, ServerError } from "@quorate/core";
import type { MemberMode, ZooKeeperEnsemble } from "@quorate/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startEnsemble } from "../support/ensembles.ts";
import { eventually } from "../support/eventually.ts";
import { failureOf } from "../support/failures.ts";
import { ownPath } from "../support/own-path.ts";

const superUser = { scheme: "digest", username: "super", password: "top-secret" } as const;

let ensemble: ZooKeeperEnsemble;
let admin: Client;
/** The member that comes and goes: one that does not lead. */
let guest: number;
/** `server.N=...` of every member as the servers have it at first. */
let servers: ReadonlyMap<number, string>;

beforeAll(async () => {
  ensemble = await startEnsemble({
    config: { reconfigEnabled: true },
    systemProperties: {
      "zookeeper.DigestAuthenticationProvider.superDigest": digestAcl(superUser.username, superUser.password).id.id,
    },
  });
  admin = await connect(ensemble.connectString, { auth: superUser });
  guest = (await ensemble.status()).find(({ mode }) => mode === "follower")?.id ?? expect.fail("no follower");
  const { text } = await admin.ensembleConfig();
  servers = new Map([...text.matchAll(/^server\.(\d+)=.*$/gm)].map(([line, id]) => [Number(id), line]));
});

afterAll(async () => {
  await admin?.close();
  await ensemble?.close();
});

const spec = (id: number): string => servers.get(id) ?? expect.fail(`no server ${id}`);
const asObserver = (id: number): string => `${spec(id).replace(":participant", ":observer")};2181`;
const asParticipant = (id: number): string => `${spec(id)};2181`;
const others = (): readonly number[] => [...servers.keys()].filter((id) => id !== guest);

/** Ids and roles in a configuration's text. */
function rolesIn(text: string): Readonly<Record<string, string>> {
  const lines = [...text.matchAll(/^server\.(\d+)=\S+?:(participant|observer)/gm)];
  return Object.fromEntries(lines.map(([, id, role]) => [id, role]));
}

const versionIn = (text: string): bigint => BigInt(`0x${/^version=([0-9a-f]+)$/m.exec(text)?.[1]}`);

async function guestIs(mode: MemberMode): Promise<void> {
  await eventually(async () => (await ensemble.status()).find(({ id }) => id === guest)?.mode === mode);
}

/** The servers' configuration, and what it says of everyone's role. */
async function roles(): Promise<Readonly<Record<string, string>>> {
  await admin.sync("/zookeeper/config");
  return rolesIn((await admin.ensembleConfig()).text);
}

describe("a super user", () => {
  beforeEach(async () => {
    expect(Object.values(await roles())).toEqual(["participant", "participant", "participant"]);
  });

  test("takes a member out, takes it in again as an observer, and lets it vote", async () => {
    const before = await admin.ensembleConfig();
    const without = await admin.reconfig({ leaving: [guest] });
    expect(rolesIn(without.text)).toEqual(Object.fromEntries(others().map((id) => [id, "participant"])));
    expect(versionIn(without.text)).toBeGreaterThan(versionIn(before.text));
    expect(await roles()).toEqual(rolesIn(without.text));

    const observing = await admin.reconfig({ joining: [asObserver(guest)] });
    expect(rolesIn(observing.text)).toMatchObject({ [guest]: "observer" });
    await guestIs("observer");

    const voting = await admin.reconfig({ joining: [asParticipant(guest)], fromConfig: versionIn(observing.text) });
    expect(rolesIn(voting.text)).toMatchObject({ [guest]: "participant" });
    await guestIs("follower");
    expect(await roles()).toEqual(rolesIn(voting.text));
  });

  test("replaces all the members at once", async () => {
    const two = await admin.reconfig({ members: others().map(asParticipant) });
    expect(Object.keys(rolesIn(two.text)).map(Number)).toEqual(others());
    const three = await admin.reconfig({ members: [...servers.keys()].map(asParticipant) });
    expect(Object.keys(rolesIn(three.text)).map(Number)).toEqual([...servers.keys()]);
    await guestIs("follower");
  });

  test.each([
    ["BAD_VERSION", -103, (): Promise<unknown> => admin.reconfig({ leaving: [guest], fromConfig: 1n })],
    [
      "NEW_CONFIG_NO_QUORUM",
      -13,
      (): Promise<unknown> => {
        const strangers = [7, 8, 9, 10].map((id) => `server.${id}=nowhere.invalid:2888:3888;2181`);
        return admin.reconfig({ joining: strangers });
      },
    ],
    ["BAD_ARGUMENTS", -8, (): Promise<unknown> => admin.reconfig({ leaving: [...servers.keys()] })],
    ["BAD_ARGUMENTS", -8, (): Promise<unknown> => admin.reconfig({ joining: ["server.9=nonsense"] })],
  ])("is refused what cannot be: %s", async (code, serverCode, change) => {
    const before = await admin.ensembleConfig();
    const error = await failureOf(change());
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ code, serverCode, op: "reconfig" });
    expect((await admin.ensembleConfig()).text).toBe(before.text);
  });

  test("changes the ensemble and nothing of any client's own server list", async () => {
    await using client = await connect(ensemble.connectString);
    const { id } = client.session;
    await admin.reconfig({ leaving: [guest] });
    const path = await ownPath(client);
    const { proxy } = ensemble.member(guest);
    const stays = others().map((member) => ensemble.member(member).proxy);
    for (const other of stays) {
      other.mode = "refuse";
      other.cut();
    }
    // With nobody else left to try it goes on asking the one that is no longer a member.
    const { connections } = proxy.stats();
    await eventually(() => proxy.stats().connections > connections);
    for (const other of stays) other.mode = "pass";
    expect(await client.exists(path)).toBeDefined();
    expect(client.session.id).toBe(id);

    await admin.reconfig({ joining: [asParticipant(guest)] });
    await guestIs("follower");
    for (const other of stays) {
      other.mode = "refuse";
      other.cut();
    }
    expect(await client.exists(path)).toBeDefined();
    expect(proxy.stats().liveConnections).toBeGreaterThan(0);
    for (const other of stays) other.mode = "pass";
  });
});

test("nobody else may: NO_AUTH, and the ensemble stays as it is", async () => {
  await using client = await connect(ensemble.connectString, { auth: { ...superUser, username: "somebody" } });
  const error = await failureOf(client.reconfig({ leaving: [guest] }));
  expect(error).toBeInstanceOf(NoAuthError);
  expect(error).toMatchObject({ op: "reconfig" });
  expect(Object.keys(rolesIn((await client.ensembleConfig()).text))).toHaveLength(3);
});

test("the configuration can be changed and followed from within a chroot", async () => {
  const path = await ownPath(admin);
  await using client = await connect(`${ensemble.connectString}${path}`, { auth: superUser });
  const same = await client.reconfig({ members: [...servers.keys()].map(asParticipant) });
  expect(Object.keys(rolesIn(same.text))).toHaveLength(3);
  expect((await client.ensembleConfig()).text).toBe(same.text);
});
