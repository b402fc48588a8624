import { describe, expect, it } from "vitest";
import { chroot } from "../../src/paths/chroot.ts";

describe("chroot", () => {
  it.each(["", "/"])("%j maps nothing", (path) => {
    const { prefix, toServer, toClient } = chroot(path);
    expect([prefix, toServer("/a"), toServer("/"), toClient("/a"), toClient("/")]).toEqual(["", "/a", "/", "/a", "/"]);
  });

  it.each([
    ["/", "/app"],
    ["/a", "/app/a"],
    ["/app", "/app/app"],
    ["/a/b/", "/app/a/b/"],
  ])("maps %j to %j and back", (inner, outer) => {
    const { toServer, toClient } = chroot("/app");
    expect(toServer(inner)).toBe(outer);
    expect(toClient(outer)).toBe(inner);
  });

  it("leaves what is not below it as it is", () => {
    const { toClient } = chroot("/app");
    expect(["/zookeeper/config", "/apple", "/"].map(toClient)).toEqual(["/zookeeper/config", "/apple", "/"]);
  });
});
