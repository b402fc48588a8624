import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { loadCodec } from "../../src/codecs/load-codec.ts";
import { ConfigInvalidError } from "../../src/errors.ts";
import { Format } from "../../src/schema/format.ts";
import { type ConfigIssue, safeIssues } from "../../src/schema/issue.ts";

const json = await loadCodec("json", { op: "open", path: "/a" });

const schemas = {
  zod: z.object({ port: z.number(), mode: z.enum(["fast", "safe"]), pin: z.number().max(10) }),
  valibot: v.object({ port: v.number(), mode: v.picklist(["fast", "safe"]), pin: v.pipe(v.number(), v.maxValue(10)) }),
  arktype: type({ port: "number", mode: "'fast'|'safe'", pin: "number<=10" }),
};

describe.each(Object.entries(schemas))("issues of %s", (_, schema) => {
  async function issuesOf(value: unknown): Promise<readonly ConfigIssue[]> {
    const reading = await new Format<unknown>(json, schema).read(Buffer.from(JSON.stringify(value)));
    expect(reading.kind).toBe("invalid");
    return reading.kind === "invalid" ? reading.issues : [];
  }

  test("tell where, and never what", async () => {
    const issues = await issuesOf({ port: 'hunter2"x', mode: "s3cr3t", pin: 734 });
    expect(issues.map(({ path }) => path.join(".")).sort()).toEqual(["mode", "pin", "port"]);
    const shown = `${JSON.stringify(issues)} ${new ConfigInvalidError("open /a", { reason: "schema", issues }).message}`;
    for (const secret of ["hunter2", "s3cr3t", "734"]) expect(shown).not.toContain(secret);
  });

  test("say why where that shows nothing", async () => {
    const [issue] = await issuesOf({ mode: "fast", pin: 1 });
    expect(issue?.path).toEqual(["port"]);
    expect(issue?.message).not.toContain("withheld");
    expect(issue?.message.length).toBeGreaterThan(0);
  });
});

test.each([
  ["quoted", "is hunter2", { a: "hunter2" }],
  ["in part", "starts with hunt…", { a: "hunter2" }],
  ["escaped", String.raw`is "hun\"ter2"`, { a: 'hun"ter2' }],
  ["short", "is 42, which is too much", { a: 42 }],
  ["negative", "is -4.5", { a: -4.5 }],
  ["nested", "is hunter2", { a: [{ b: new Map([["c", "hunter2"]]) }] }],
  ["a date", "is 2026-01-02T03:04:05.000Z", { a: new Date("2026-01-02T03:04:05Z") }],
])("a message that quotes a value is withheld: %s", (_, message, value) => {
  const [issue] = safeIssues([{ message, path: ["a", { key: "b" }] }], value);
  expect(issue).toEqual({ message: expect.stringContaining("withheld"), path: ["a", "b"] });
});

test("a value that refers to itself is looked at once", () => {
  const value: Record<string, unknown> = { a: "hunter2" };
  value["self"] = value;
  expect(safeIssues([{ message: "is missing" }], value)).toEqual([{ message: "is missing", path: [] }]);
});

test("a schema that throws is an invalid value, not an error", async () => {
  const validate = (): never => {
    throw new Error("hunter2");
  };
  const schema = { "~standard": { version: 1, vendor: "x", validate } } as const;
  const expected = { kind: "invalid", reason: "schema", issues: [{ message: "the schema threw an error", path: [] }] };
  expect(await new Format(json, schema).read(Buffer.from("1"))).toEqual(expected);
  const later = { "~standard": { version: 1, vendor: "x", validate: async () => validate() } } as const;
  expect(await new Format(json, later).read(Buffer.from("1"))).toEqual(expected);
});
