import { Permission } from "@quorate/protocol";
import { describe, expect, it } from "vitest";
import { checkAcl, creatorAcl, digestAcl, openAcl, readAcl } from "../../src/acl/acl.ts";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";

describe("ACLs", () => {
  it("digestAcl gives the server's digest: base64 of the SHA-1 of user and password", () => {
    // The example of ZooKeeper's programmer's guide: DigestAuthenticationProvider.generateDigest("super:admin").
    expect(digestAcl("super", "admin")).toEqual({
      perms: Permission.all,
      id: { scheme: "digest", id: "super:xQJmxLMiHGwaqBvst5y6rkB6HQs=" },
    });
    expect(digestAcl("super", "admin", Permission.read).perms).toBe(Permission.read);
  });

  it.each([
    [openAcl, { perms: 31, id: { scheme: "world", id: "anyone" } }],
    [readAcl, { perms: 1, id: { scheme: "world", id: "anyone" } }],
    [creatorAcl, { perms: 31, id: { scheme: "auth", id: "" } }],
  ])("the ready-made ones are what the server knows by these names", (acl, entry) => {
    expect(acl).toEqual([entry]);
    checkAcl(acl, { op: "test" });
  });

  it.each([undefined, null, [], "acl", {}, [undefined], [{ perms: 1 }]])("refuses %j", (acl) => {
    expect(() => checkAcl(acl as never, { op: "setAcl", path: "/a" })).toThrow(InvalidArgumentError);
  });

  it.each([-1, 32, 1.5, "31", undefined])("refuses permissions %j", (perms) => {
    const acl = [{ perms: perms as number, id: { scheme: "world", id: "anyone" } }];
    expect(() => checkAcl(acl, { op: "setAcl" })).toThrow(`perms ${String(perms)}`);
  });
});
