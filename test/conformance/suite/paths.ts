import { openAcl } from "@quorate/core";
import { verbatim } from "../support/place.ts";
import { a, member, type Script, type Step, script } from "../support/steps.ts";

function everyRead(path: string): readonly Step[] {
  return [a.exists(path), a.get(path), a.children(path), a.children1(path), a.getAcl(path), a.count(path)];
}

function everyWrite(path: string): readonly Step[] {
  return [
    a.sync(path),
    a.create(path),
    a.set(path, "x"),
    a.setAcl(path, openAcl),
    a.delete(path),
    a.multi(member.check(path)),
    a.multi(member.create(path)),
    a.multi(member.set(path, "x")),
    a.multi(member.delete(path)),
  ];
}

const odd: readonly (readonly [name: string, path: string])[] = [
  ["no slash at the beginning", verbatim("relative")],
  ["a relative path with a parent", verbatim("relative/path")],
  ["a slash at the end", "/there/"],
  ["two slashes", "//there"],
  ["two slashes within", "/there//child"],
  ["a dot", "/there/."],
  ["two dots", "/there/.."],
  ["a dot within", "/there/./child"],
  ["a zero character", "/there/\0"],
  ["a control character", "/there/\u0001"],
  ["a late control character", "/there/\u0085"],
  ["a private character", "/there/\ue000"],
  ["a character beyond the basic plane", "/there/\u{1f600}"],
  ["a special character", "/there/\ufff0"],
];

const ordinary: readonly string[] = [
  "/a b",
  "/ü€",
  "/...",
  "/.a",
  "/a.",
  "/a..b",
  "/%2F",
  "/\\",
  "/zookeeper",
  "/~\u00a0",
];

export const paths: readonly Script[] = [
  ...odd.map(([name, path]) =>
    script(name, a.create("/there"), everyRead(path), everyWrite(path), a.children("/there")),
  ),
  // Reads take it for the root, which is not the script's alone.
  script("the empty path", everyWrite(verbatim("")), a.create(verbatim(""), { mode: "persistentSequential" })),
  script(
    "a sequential znode of an odd path",
    a.create("/there"),
    odd.map(([, path]) => a.create(path, { mode: "persistentSequential" })),
  ),
  script(
    "ordinary though they look odd",
    ordinary.map((path) => a.create1(path)),
    a.children("/"),
  ),
  script(
    "the root and the server's own znodes",
    a.create1(verbatim("/")),
    a.create1(verbatim("/zookeeper")),
    a.delete(verbatim("/")),
    a.delete(verbatim("/zookeeper")),
    a.delete(verbatim("/zookeeper/quota")),
    a.delete(verbatim("/zookeeper/config")),
    a.children1(verbatim("/zookeeper")),
    a.children1(verbatim("/zookeeper/quota")),
    a.set(verbatim("/zookeeper/config"), "x"),
    a.create1(verbatim("/zookeeper/config/child")),
    a.setAcl(verbatim("/zookeeper/config"), openAcl),
    a.multi(member.delete(verbatim("/"))),
    a.multi(member.delete(verbatim("/zookeeper/quota"))),
  ),
  script(
    "prefixes of ephemeral znodes",
    a.create("/e", { mode: "ephemeral" }),
    a.create("/ee", { mode: "ephemeral" }),
    a.create("/p"),
    a.create("/p/e", { mode: "ephemeral" }),
    a.ephemerals("/"),
    a.ephemerals("/e"),
    a.ephemerals("/p"),
    a.ephemerals("/p/"),
    a.ephemerals("/missing"),
    a.ephemerals(verbatim("/")),
    a.ephemerals(verbatim("")),
    a.ephemerals(verbatim(" ")),
    a.ephemerals(verbatim("relative")),
    a.ephemerals("/e/"),
  ),
  script(
    "how many znodes are below",
    a.create("/p"),
    a.create("/p/one"),
    a.create("/p/one/deep"),
    a.create("/pp"),
    a.create("/p/two", { mode: "ephemeral" }),
    a.count("/"),
    a.count("/p"),
    a.count("/p/one"),
    a.count("/p/one/deep"),
    a.count("/missing"),
  ),
  script("long names", a.create1(`/${"n".repeat(3000)}`), a.count("/")),
];
