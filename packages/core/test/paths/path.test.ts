import { describe, expect, it } from "vitest";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";
import {
  ancestors,
  isWithin,
  joinPath,
  nodeName,
  parentPath,
  validatePath,
  validateSequentialPath,
} from "../../src/paths/path.ts";

function offence(check: () => void): InvalidArgumentError | undefined {
  try {
    check();
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  return undefined;
}

/** org.apache.zookeeper.common.PathUtils.validatePath, character by character as it stands there. */
function isRefusedByServer(path: string): boolean {
  if (path.length === 0 || path[0] !== "/") return true;
  if (path.length === 1) return false;
  if (path.endsWith("/")) return true;
  for (let i = 1; i < path.length; i++) {
    const code = path.charCodeAt(i);
    const isLast = i + 1 === path.length;
    if (code === 0) return true;
    if (path[i] === "/" && path[i - 1] === "/") return true;
    if (path[i] === "." && path[i - 1] === ".") {
      if (path[i - 2] === "/" && (isLast || path[i + 1] === "/")) return true;
    } else if (path[i] === ".") {
      if (path[i - 1] === "/" && (isLast || path[i + 1] === "/")) return true;
    } else if (
      (code > 0 && code <= 0x1f) ||
      (code >= 0x7f && code <= 0x9f) ||
      (code >= 0xd800 && code <= 0xf8ff) ||
      (code >= 0xfff0 && code <= 0xffff)
    ) {
      return true;
    }
  }
  return false;
}

describe("validatePath", () => {
  it.each([
    "/",
    "/a",
    "/a/b",
    "/a.b/.c/..d/e../...",
    "/ü/漢字",
    "/with space",
    "/a@b:c,d",
    "/\u00a0\ud7ff\uf900\uffef",
  ])("takes %j", (path) => {
    expect(offence(() => validatePath(path))).toBeUndefined();
  });

  it.each([
    ["", "does not start with /"],
    ["a/b", "does not start with /"],
    ["/a/", "ends with /"],
    ["//", "ends with /"],
    ["//a", "empty component"],
    ["/a//b", "empty component"],
    ["/.", "relative component"],
    ["/a/./b", "relative component"],
    ["/..", "relative component"],
    ["/a/../b", "relative component"],
    ["/a\u0000b", "forbids"],
    ["/a\nb", "forbids"],
    ["/\u007f", "forbids"],
    ["/\u009f", "forbids"],
    ["/\ud83d\ude00", "forbids"],
    ["/\ue000", "forbids"],
    ["/\ufff0", "forbids"],
  ])("refuses %j", (path, why) => {
    const error = offence(() => validatePath(path, "get"));
    expect(error?.message).toContain(`path ${JSON.stringify(path)} `);
    expect(error?.message).toContain(why);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", op: "get", path, retryable: false });
  });

  it.each([undefined, null, 5, 5n, {}])("refuses %s, which is no string", (path) => {
    expect(offence(() => validatePath(path as never))?.message).toMatch(/^path is not a string but /);
  });

  it("agrees with the server's own rule on every combination of the characters that matter", () => {
    const characters = ["/", ".", "a", "\u0000", "\u0001", "\u001f", " ", "\u007f", "\u009f", "\u00a0"];
    const edges = ["\ud7ff", "\ud800", "\uf8ff", "\uf900", "\uffef", "\ufff0", "\uffff"];
    const disagreements: string[] = [];
    let paths = [""];
    for (let length = 1; length <= 5; length++) {
      const alphabet = length <= 3 ? [...characters, ...edges] : characters.slice(0, 3);
      paths = paths.flatMap((path) => alphabet.map((character) => path + character));
      disagreements.push(
        ...paths.filter((path) => (offence(() => validatePath(path)) !== undefined) !== isRefusedByServer(path)),
      );
    }
    expect(disagreements).toEqual([]);
  });
});

describe("validateSequentialPath", () => {
  it.each(["/", "/a/", "/a"])("takes %j: the number becomes a name, or its end", (path) => {
    expect(offence(() => validateSequentialPath(path))).toBeUndefined();
  });

  it.each(["", "a/", "//", "/a//", "/../"])("refuses %j", (path) => {
    expect(offence(() => validateSequentialPath(path))).toBeDefined();
  });
});

it("takes paths apart and joins them", () => {
  expect([parentPath("/"), parentPath("/a"), parentPath("/a/b")]).toEqual(["/", "/", "/a"]);
  expect([nodeName("/"), nodeName("/a"), nodeName("/a/b")]).toEqual(["", "a", "b"]);
  expect([joinPath("/", "a"), joinPath("/a", "b")]).toEqual(["/a", "/a/b"]);
  expect([ancestors("/"), ancestors("/a"), ancestors("/a/b/c"), ancestors("/a/b/")]).toEqual([
    [],
    [],
    ["/a", "/a/b"],
    ["/a", "/a/b"],
  ]);
});

it.each([
  ["/a", "/a", true],
  ["/a/b", "/a", true],
  ["/a/b/c", "/a", true],
  ["/", "/", true],
  ["/a/b", "/", true],
  ["/", "/a", false],
  ["/a", "/a/b", false],
  ["/ab", "/a", false],
  ["/b/a", "/a", false],
])("knows whether %j is within %j", (path, root, expected) => {
  expect(isWithin(path, root)).toBe(expected);
});
