import { describe, expect, it } from "vitest";
import { formatServer, parseConnectString } from "../../src/client/connect-string.ts";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";

function refusal(text: unknown): InvalidArgumentError {
  try {
    parseConnectString(text as string);
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  throw new Error(`it was expected to refuse ${JSON.stringify(text)}`);
}

describe("a connect string", () => {
  it.each<[text: string, servers: [host: string, port: number][], chroot?: string]>([
    ["zk", [["zk", 2181]]],
    [
      "zk1:2181,zk2:2182,zk3",
      [
        ["zk1", 2181],
        ["zk2", 2182],
        ["zk3", 2181],
      ],
    ],
    [
      " zk1 , zk2:1 ",
      [
        ["zk1", 2181],
        ["zk2", 1],
      ],
    ],
    ["10.0.0.1:65535", [["10.0.0.1", 65535]]],
    ["zk-1.example.org:02181", [["zk-1.example.org", 2181]]],
    ["under_score", [["under_score", 2181]]],
    ["zk/", [["zk", 2181]]],
    [
      "zk1,zk2:2182/app/x",
      [
        ["zk1", 2181],
        ["zk2", 2182],
      ],
      "/app/x",
    ],
    ["zk/app@1", [["zk", 2181]], "/app@1"],
    ["[::1]:2182", [["::1", 2182]]],
    ["[::1]", [["::1", 2181]]],
    ["::1", [["::1", 2181]]],
    [
      "fe80::1%eth0,[fe80::1%eth0]:1/a",
      [
        ["fe80::1%eth0", 2181],
        ["fe80::1%eth0", 1],
      ],
      "/a",
    ],
    ["2001:db8::17", [["2001:db8::17", 2181]]],
    ["[::ffff:10.0.0.1]:2181", [["::ffff:10.0.0.1", 2181]]],
    ["cafe:2181", [["cafe", 2181]]],
  ])("%j is read", (text, servers, chroot = "") => {
    expect(parseConnectString(text)).toEqual({ servers: servers.map(([host, port]) => ({ host, port })), chroot });
  });

  it.each([
    ["", '""'],
    ["   ", "names no server"],
    ["/app", 'server ""'],
    ["zk1,,zk2", 'server ""'],
    ["zk1,", 'server ""'],
    ["zk:", 'server "zk:"'],
    ["zk:http", 'server "zk:http"'],
    ["cafe:babe", 'server "cafe:babe"'],
    ["zk:2181:2182", 'server "zk:2181:2182"'],
    ["zk:-1", 'server "zk:-1"'],
    ["z k", 'server "z k"'],
    ["[::1", 'server "[::1"'],
    ["[::1]2181", 'server "[::1]2181"'],
    ["[zk]:2181", 'server "[zk]:2181"'],
    ["[cafe]:2181", 'server "[cafe]:2181"'],
    ["zk:0", 'port 0 of server "zk:0"'],
    ["zk:65536", 'port 65536 of server "zk:65536"'],
    ["zk:99999999999999999999", "port 99999999999999999999"],
    ["zk://zk1:2181", 'server "zk:"'],
    ["zk//app", 'path "//app"'],
    ["zk/app/", 'path "/app/"'],
    ["zk/../x", 'path "/../x"'],
  ])("%j is refused, the offending part named", (text, named) => {
    const error = refusal(text);
    expect(error.message).toContain(named);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", op: "connect" });
  });

  it.each([
    "user:hunter2@zk:2181",
    "hunter2@zk",
    "hunter2@zk:0",
    "zk1,user:hunter2@zk2/app",
    "zk://user:hunter2@zk:2181/app",
    "//user:hunter2@zk:2181",
    "zk//hunter2@zk2/",
    "[hunter2@::1]:2181",
  ])("%j is refused without showing what may be a password", (text) => {
    const error = refusal(text);
    expect(`${error.message} ${String(error.path)} ${error.stack}`).not.toContain("hunter2");
  });

  it.each([undefined, null, 5, {}, ["zk"]])("%j is refused, being no text", (text) => {
    expect(refusal(text).code).toBe("INVALID_ARGUMENT");
  });
});

it("a server is shown as it would be written", () => {
  expect([formatServer({ host: "zk", port: 1 }), formatServer({ host: "::1", port: 2 })]).toEqual(["zk:1", "[::1]:2"]);
});
