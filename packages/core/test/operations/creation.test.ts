import { CreateMode } from "@quorate/protocol";
import { describe, expect, it } from "vitest";
import { creatorAcl, openAcl } from "../../src/acl/acl.ts";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";
import { type CreateNodeOptions, creation } from "../../src/operations/creation.ts";
import type { Data } from "../../src/operations/data.ts";

const defaults = { acl: openAcl, noData: null };

describe("creation", () => {
  it.each<[options: CreateNodeOptions, op: string, flags: number, ttl?: bigint]>([
    [{}, "create2", CreateMode.persistent],
    [{ mode: "persistent" }, "create2", CreateMode.persistent],
    [{ mode: "persistent-sequential" }, "create2", CreateMode.persistentSequential],
    [{ mode: "ephemeral" }, "create2", CreateMode.ephemeral],
    [{ mode: "ephemeral-sequential" }, "create2", CreateMode.ephemeralSequential],
    [{ mode: "container" }, "createContainer", CreateMode.container],
    [{ ttlMs: 1 }, "createTtl", CreateMode.persistentWithTtl, 1n],
    [
      { mode: "persistent-sequential", ttlMs: 0xff_ff_ff_ff_ff },
      "createTtl",
      CreateMode.persistentSequentialWithTtl,
      0xff_ff_ff_ff_ffn,
    ],
  ])("of %j asks for %s with flags %i", (options, op, flags, ttl) => {
    const operation = creation("/a", null, options, defaults);
    expect(operation).toEqual({
      op,
      path: "/a",
      data: null,
      acl: openAcl,
      flags,
      ...(ttl === undefined ? {} : { ttl }),
    });
  });

  it("takes the ACL given, else the default one", () => {
    expect(creation("/a", null, { acl: creatorAcl }, defaults).acl).toBe(creatorAcl);
    expect(creation("/a", null, {}, { ...defaults, acl: creatorAcl }).acl).toBe(creatorAcl);
  });

  it.each<[data: Data, bytes: Uint8Array | null]>([
    [undefined, null],
    [null, null],
    ["", Buffer.from("")],
    ["zoö", Buffer.from("zoö")],
    [new Uint8Array([1]), new Uint8Array([1])],
  ])("of data %j sends %j", (data, bytes) => {
    expect(creation("/a", data, {}, defaults).data).toEqual(bytes);
  });

  it("sends what stands for no data only where none is given", () => {
    const noData = new Uint8Array(0);
    expect(creation("/a", undefined, {}, { ...defaults, noData }).data).toBe(noData);
    expect(creation("/a", null, {}, { ...defaults, noData }).data).toBeNull();
  });

  it.each<[path: unknown, data: unknown, options: object, why: string]>([
    ["a", null, {}, "does not start with /"],
    ["/a/", null, {}, "ends with /"],
    ["/a//", null, { mode: "persistent-sequential" }, "empty component"],
    [5, null, {}, "not a string"],
    ["/a", 5, {}, "data"],
    ["/a", { secret: "hunter2" }, {}, "data"],
    ["/a", null, { mode: "permanent" }, '"permanent"'],
    ["/a", null, { mode: "toString" }, '"toString"'],
    ["/a", null, { mode: "ephemeral", ttlMs: 5 }, "ephemeral"],
    ["/a", null, { mode: "container", ttlMs: 5 }, "container"],
    ["/a", null, { ttlMs: 0 }, "ttlMs 0"],
    ["/a", null, { ttlMs: 1.5 }, "ttlMs 1.5"],
    ["/a", null, { ttlMs: 2 ** 40 }, "ttlMs 1099511627776"],
    ["/a", null, { ttlMs: "5" }, 'ttlMs "5"'],
    ["/a", null, { acl: [] }, "no entries"],
    ["/a", null, { acl: [{ perms: 32, id: { scheme: "world", id: "anyone" } }] }, "entry 0: perms 32"],
    ["/a", null, { acl: [{ perms: 1, id: { scheme: "", id: "x" } }] }, "entry 0"],
    ["/a", null, { acl: [...openAcl, { perms: 1 }] }, "entry 1"],
    ["/a", null, { acl: [null] }, "entry 0"],
    ["/a", null, { acl: "world:anyone" }, "acl"],
  ])("refuses %j, %j, %j", (path, data, options, why) => {
    const act = (): unknown => creation(path as string, data as Data, options as CreateNodeOptions, defaults);
    expect(act).toThrow(InvalidArgumentError);
    expect(act).toThrow(why);
    expect(act).not.toThrow("hunter2");
  });
});
