import { expect, test } from "vitest";
import { aclText, parseAcl } from "../../src/shared/acl-text.ts";
import { parseIdentities } from "../../src/shared/auth-file.ts";
import { parseDuration, shownDuration } from "../../src/shared/duration.ts";
import { dataOf, parseExportedTree } from "../../src/shared/exported-tree.ts";
import { toJson } from "../../src/shared/output.ts";
import { dataInBrief, hexDump, jsonData, safeLine, safeText, shownData } from "../../src/shared/safe-text.ts";

test("control characters and those that turn the direction of text are escaped", () => {
  expect(safeLine("a\x1b[31m\u0007\n\u009b\u202e\u2028é✓")).toBe("a\\x1b[31m\\x07\\x0a\\x9b\\u202e\\u2028é✓");
  expect(safeText("a\n\tb\r")).toBe("a\n\tb\\x0d");
});

test("what is no UTF-8 is dumped", () => {
  expect(shownData(Buffer.from("text\x1b"))).toBe("text\\x1b");
  expect(hexDump(Buffer.from([0xff, 0x41]))).toBe(`00000000  ff 41${" ".repeat(42)}  .A`);
  expect(hexDump(Buffer.alloc(17)).split("\n")).toHaveLength(2);
  expect(dataInBrief(Buffer.from([0xff]))).toBe("(1 bytes)");
  expect(dataInBrief(Buffer.from("x".repeat(70)), 3)).toBe("xxx...");
  expect(dataInBrief(null)).toBe("(none)");
});

test("JSON keeps every byte and all 64 bits", () => {
  expect(jsonData(Buffer.from("é"))).toEqual({ data: "é" });
  expect(jsonData(Buffer.from([0xc3]))).toEqual({ data: "ww==", encoding: "base64" });
  expect(jsonData(null)).toEqual({ data: null });
  expect(toJson({ zxid: 2n ** 63n - 1n })).toBe('{"zxid":"9223372036854775807"}');
});

test.each([
  ["250ms", 250],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["2h", 7_200_000],
])("%s is a duration", (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(["10", "s", "-1s", "0s", "1d", "1e3s", "999h", ""])("%j is none", (text) => {
  expect(() => parseDuration(text)).toThrow(/a number with a unit/);
});

test("durations for people", () => {
  expect([340, 12_345, 303_000, 7_800_000, 273_600_000].map(shownDuration)).toEqual([
    "340 ms",
    "12.3 s",
    "5 min 3 s",
    "2 h 10 min",
    "3 d 4 h",
  ]);
});

test.each([
  ["world:anyone:cdrwa"],
  ["digest:me:aGFzaA==:rw,world:anyone:r"],
  ["x509:CN=me,O=us:cdrwa,world:anyone:r"],
  ["ip:10.0.0.0/8:r"],
])("the list %s is read as it is shown", (text) => {
  expect(parseAcl(text).map(aclText).join(",")).toBe(text);
});

test.each(["world:anyone:x", "world:anyone", "", "bogus"])("%j is no access control list", (text) => {
  expect(() => parseAcl(text)).toThrow(/is not scheme:id:perms/);
});

test("identities are read a line each, and what is wrong with one is told without showing it", () => {
  const text = "# comment\r\ndigest:me:pa:ss\n\nsasl:you:word\nx-token:abc:def\n";
  expect(parseIdentities(text, "f")).toEqual([
    { scheme: "digest", username: "me", password: "pa:ss" },
    { scheme: "sasl", username: "you", password: "word" },
    { scheme: "x-token", credential: "abc:def" },
  ]);
  for (const bad of ["hush", "digest:hush", "digest::hush", ":hush"]) {
    expect(() => parseIdentities(`digest:a:b\n${bad}`, "f")).toThrow(/^f, identity 2: it has to be/);
    expect(() => parseIdentities(bad, "f")).not.toThrow(/hush/);
  }
});

test("only what export wrote can be imported", () => {
  const tree = { format: "quorate-tree-1", root: "/a", nodes: [{ path: "", data: "ww==", encoding: "base64" }] };
  const [node] = parseExportedTree(JSON.stringify(tree)).nodes;
  expect(node && dataOf(node)).toEqual(Buffer.from([0xc3]));
  const bad = [
    { ...tree, format: "other" },
    { ...tree, nodes: {} },
    null,
    { ...tree, nodes: [{ path: "/x", data: null }] },
    { ...tree, nodes: [{ path: "x" }] },
  ];
  for (const one of bad) expect(() => parseExportedTree(JSON.stringify(one))).toThrow(/imported/);
  expect(() => parseExportedTree("{")).toThrow(/not JSON/);
});
