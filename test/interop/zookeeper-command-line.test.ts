import { digestAcl } from "@quorate/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { CommandLine } from "./support/command-line.ts";
import { describePeer } from "./support/servers.ts";

describePeer("ZooKeeper's command line", (server) => {
  let cli: CommandLine;
  beforeAll(async () => {
    cli = new CommandLine(server.connectString);
    // Greetings and the like.
    await cli.run("");
  });
  afterAll(() => cli?.[Symbol.asyncDispose]());
  /** Its member may lag behind ours. */
  const catchUp = async (path: string): Promise<void> => expect(await cli.run(`sync ${path}`)).toBe("Sync is OK");

  test("create, get, set, ls, stat and delete", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/node`;

    expect(await cli.run(`create ${path} "some words"`)).toBe(`Created ${path}`);
    expect(await cli.run(`create ${path} again`)).toBe(`Node already exists: ${path}`);
    expect(await server.look.text(path)).toBe("some words");
    expect(await cli.run(`get ${path}`)).toBe("some words");
    expect(await cli.run(`set ${path} more`)).toBe("");
    expect(await server.look.text(path)).toBe("more");
    expect(await cli.run(`set -v 0 ${path} stale`)).toBe(`version No is not valid : ${path}`);

    expect(await cli.run(`create -s ${path}/n- first`)).toBe(`Created ${path}/n-0000000000`);
    expect(await cli.run(`create -s ${path}/n- second`)).toBe(`Created ${path}/n-0000000001`);
    expect(await cli.run(`create -c ${path}/container`)).toBe(`Created ${path}/container`);
    expect(await cli.run(`ls ${path}`)).toBe("[container, n-0000000000, n-0000000001]");
    expect((await cli.run(`ls -R ${root}`)).split("\n")).toEqual([
      root,
      path,
      `${path}/container`,
      `${path}/n-0000000000`,
      `${path}/n-0000000001`,
    ]);
    expect(await cli.run(`getAllChildrenNumber ${path}`)).toBe("3");

    const stat = await server.look.stat(path);
    expect((await cli.run(`stat ${path}`)).split("\n")).toEqual([
      `cZxid = 0x${stat?.czxid.toString(16)}`,
      expect.stringMatching(/^ctime = /),
      `mZxid = 0x${stat?.mzxid.toString(16)}`,
      expect.stringMatching(/^mtime = /),
      `pZxid = 0x${stat?.pzxid.toString(16)}`,
      "cversion = 3",
      "dataVersion = 1",
      "aclVersion = 0",
      "ephemeralOwner = 0x0",
      "dataLength = 4",
      "numChildren = 3",
    ]);

    expect(await cli.run(`delete ${path}`)).toBe(`Node not empty: ${path}`);
    expect(await cli.run(`delete -v 5 ${path}/n-0000000000`)).toBe(`version No is not valid : ${path}/n-0000000000`);
    expect(await cli.run(`delete ${path}/n-0000000000`)).toBe("");
    expect(await cli.run(`delete ${path}/n-0000000000`)).toBe(`Node does not exist: ${path}/n-0000000000`);
    // Deletes the subtree by transactions.
    expect(await cli.run(`deleteall ${path}`)).toBe("");
    expect(await server.look.stat(path)).toBeUndefined();
    expect(await cli.run(`get ${path}`)).toBe(`Node does not exist: ${path}`);
  });

  test("ephemeral znodes belong to its session", async () => {
    const root = await ownPath(server.client);

    expect(await cli.run(`create -e ${root}/mine`)).toBe(`Created ${root}/mine`);
    expect(await cli.run(`create -s -e ${root}/mine-`)).toBe(`Created ${root}/mine-0000000001`);
    expect(await cli.run(`create ${root}/mine/child`)).toBe(`Ephemerals cannot have children: ${root}/mine/child`);
    const names = (await cli.run(`getEphemerals ${root}`)).slice(1, -1).split(", ").sort();
    expect(names).toEqual([`${root}/mine`, `${root}/mine-0000000001`]);
    expect(await cli.run("getEphemerals /nowhere")).toBe("[]");
    expect(await server.look.owner(`${root}/mine`)).toBe(await server.look.owner(`${root}/mine-0000000001`));
  });

  test("ACLs, addauth and whoami", async () => {
    const root = await ownPath(server.client);
    const path = `${root}/guarded`;

    await catchUp(root);
    expect(await cli.run(`getAcl ${root}`)).toBe("'world,'anyone\n: cdrwa");
    const guard = digestAcl("guard", "secret");
    await server.client.create(path, "treasure", { acl: [guard] });
    await catchUp(path);
    expect(await cli.run(`get ${path}`)).toBe(`Insufficient permission : ${path}`);
    expect(await cli.run("whoami")).toMatch(/^Auth scheme: User\nip: [\d.:]+$/);

    expect(await cli.run("addauth digest guard:secret")).toBe("");
    expect(await cli.run("whoami")).toMatch(
      /^Auth scheme: User\n(ip: [\d.:]+\ndigest: guard|digest: guard\nip: [\d.:]+)$/,
    );
    expect(await cli.run(`get ${path}`)).toBe("treasure");
    expect(await cli.run(`setAcl ${path} world:anyone:r,auth::cdrwa`)).toBe("");
    expect(await cli.run(`getAcl ${path}`)).toBe(`'world,'anyone\n: r\n'digest,'${guard.id.id}\n: cdrwa`);
    expect(await server.look.text(path)).toBe("treasure");
    await expect(server.client.set(path, "mine")).rejects.toMatchObject({ code: "NO_AUTH" });
    expect(await cli.run(`setAcl ${path} nonsense:x:r`)).toContain("Acl is not valid");
    expect(await cli.run(`delete ${path}`)).toBe("");
  });

  test("watches: once, persistent and recursive", async () => {
    const root = await ownPath(server.client);
    const before = cli.events.length;
    const events = (): readonly string[] => cli.events.slice(before);

    await catchUp(root);
    await cli.run(`get -w ${root}`);
    await server.client.set(root, "one");
    await server.client.set(root, "two");
    await cli.run(`ls -w ${root}`);
    await server.client.create(`${root}/first`);
    await server.client.create(`${root}/second`);
    // First, as a recursive watch takes the place of the one-shot ones on its path.
    await eventually(() => events().length === 2);
    await catchUp(root);
    await cli.run(`stat -w ${root}/later`);
    await cli.run(`addWatch ${root}`);
    await server.client.create(`${root}/later`);
    await server.client.create(`${root}/later/deep`);
    await server.client.delete(`${root}/later/deep`);
    await eventually(() => events().includes(`NodeDeleted ${root}/later/deep`));
    expect([...events()].sort()).toEqual([
      `NodeChildrenChanged ${root}`,
      `NodeCreated ${root}/later`,
      `NodeCreated ${root}/later/deep`,
      `NodeDataChanged ${root}`,
      `NodeDeleted ${root}/later/deep`,
    ]);

    expect(await cli.run(`removewatches ${root}`)).toBe("");
    await server.client.set(root, "three");
    await catchUp(root);
    await eventually(() => events().includes(`PersistentWatchRemoved ${root}`));
    expect(events().filter((event) => event === `NodeDataChanged ${root}`)).toHaveLength(1);
  });

  test("watches outlive a cut connection, and tell of what happened meanwhile", async () => {
    const root = await ownPath(server.client);
    for (const name of ["data", "list", "gone"]) await server.client.create(`${root}/${name}`);
    const before = cli.events.length;
    const events = (): readonly string[] => cli.events.slice(before);
    await catchUp(root);
    await cli.run(`get -w ${root}/data`);
    await cli.run(`ls -w ${root}/list`);
    await cli.run(`get -w ${root}/gone`);
    await cli.run(`stat -w ${root}/new`);
    await cli.run(`stat -w ${root}/never`);
    await cli.run(`addWatch -m PERSISTENT ${root}`);

    await server.whileCutOff(async () => {
      await server.client.set(`${root}/data`, "changed");
      await server.client.create(`${root}/list/child`);
      await server.client.delete(`${root}/gone`);
      await server.client.create(`${root}/new`);
    });
    const missed = [
      `NodeChildrenChanged ${root}/list`,
      `NodeCreated ${root}/new`,
      `NodeDataChanged ${root}/data`,
      `NodeDeleted ${root}/gone`,
    ];
    await eventually(() => expect([...events()].sort()).toEqual(missed));
    // Of those that stay, servers tell nothing of what they missed.
    await server.client.set(root, "changed");
    await server.client.create(`${root}/never`);
    await eventually(() =>
      expect([...events()].sort()).toEqual(
        [...missed, `NodeChildrenChanged ${root}`, `NodeCreated ${root}/never`, `NodeDataChanged ${root}`].sort(),
      ),
    );
    await cli.run(`removewatches ${root}`);
  });
});
