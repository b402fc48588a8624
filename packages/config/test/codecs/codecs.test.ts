import { describe, expect, test, vi } from "vitest";
import type { CodecName } from "../../src/codecs/codec.ts";
import { loadCodec } from "../../src/codecs/load-codec.ts";
import { optionalPackage } from "../../src/codecs/optional-package.ts";
import { Format } from "../../src/schema/format.ts";

const subject = { op: "open", path: "/a" };

async function format(codec: CodecName): Promise<Format<unknown>> {
  return new Format(await loadCodec(codec, subject), undefined);
}

describe("the named codecs", () => {
  test.each<[CodecName, unknown]>([
    ["json", { a: [1, "x", null, { b: true }] }],
    ["json", "text alone"],
    ["yaml", { a: [1, "x", null, { b: true }] }],
    ["toml", { a: [1, 2], b: { c: "x" } }],
    ["properties", { "a.b": "ü = 1", " c:": "#d\n", e: "" }],
    ["text", "ü"],
    ["text", ""],
    ["bytes", Uint8Array.of(0, 255)],
  ])("%s reads what it writes: %o", async (codec, value) => {
    const { data } = await (await format(codec)).write(value, subject);
    expect(await (await format(codec)).read(data)).toEqual({ kind: "value", value });
  });

  test.each<[CodecName, string, unknown]>([
    ["properties", "# c\na.b : 1\nlong = x\\\n   y\nempty\n", { "a.b": "1", long: "xy", empty: "" }],
    ["yaml", "a: &x {b: 1}\nc: *x\n", { a: { b: 1 }, c: { b: 1 } }],
    ["toml", "[a]\nb = 1\n", { a: { b: 1 } }],
  ])("%s reads what people write", async (codec, text, value) => {
    expect(await (await format(codec)).read(Buffer.from(text))).toEqual({ kind: "value", value });
  });

  test.each<[CodecName, string]>([
    ["json", '{"a": hunter2}'],
    ["yaml", "a: [hunter2\nb: 1"],
    ["toml", "a = hunter2"],
    ["json", "\uFEFF{]"],
  ])("%s tells where it cannot read on, and shows nothing of it", async (codec, text) => {
    const reading = await (await format(codec)).read(Buffer.from(text));
    expect(reading).toMatchObject({ kind: "invalid", reason: "undecodable" });
    expect(JSON.stringify(reading)).toMatch(/is not valid (JSON|YAML|TOML)/);
    expect(JSON.stringify(reading)).not.toContain("hunter2");
  });

  test.each<CodecName>(["json", "yaml", "toml", "properties", "text"])(
    "%s refuses what is not UTF-8",
    async (codec) => {
      expect(await (await format(codec)).read(Uint8Array.of(0x61, 0xff))).toMatchObject({ kind: "invalid" });
    },
  );

  test.each<CodecName>(["json", "yaml", "toml", "properties"])(
    "for %s a znode without data holds no value",
    async (codec) => {
      expect(await (await format(codec)).read(null)).toEqual({ kind: "missing" });
      expect(await (await format(codec)).read(new Uint8Array())).toEqual({ kind: "missing" });
    },
  );

  test.each<[CodecName, unknown]>([
    ["json", 1n],
    ["json", undefined],
    ["toml", { a: null }],
    ["toml", 5],
    ["properties", { a: { b: 1 } }],
    ["text", 5],
    ["bytes", "text"],
  ])("%s refuses to write %o", async (codec, value) => {
    await expect((await format(codec)).write(value, subject)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      reason: "unencodable",
      path: "/a",
    });
  });

  test.each<[CodecName, string]>([
    ["json", '{"__proto__": {"polluted": true}}'],
    ["yaml", "__proto__: {polluted: true}"],
    ["properties", "__proto__ = x"],
  ])("%s keeps a key named __proto__ a key", async (codec, text) => {
    const reading = (await (await format(codec)).read(Buffer.from(text))) as { readonly value: object };
    expect(Object.keys(reading.value)).toEqual(["__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("YAML's warnings stay inside", async () => {
    const warned = vi.spyOn(process, "emitWarning");
    await (await format("yaml")).read(Buffer.from("a: !unknown hunter2"));
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

test("a missing package is named, with the way to get it", async () => {
  const error = await optionalPackage("toml", "smol-toml", () => import("no-such-package" as string)).catch(
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ code: "MISSING_PACKAGE", packageName: "smol-toml" });
  expect((error as Error).message).toContain("npm install smol-toml");
  expect((error as Error).cause).toBeDefined();
});

test.each([["xml"], [{}], [null], [{ decode: () => 1 }]])("refuses codec %o", async (codec) => {
  await expect(loadCodec(codec as never, subject)).rejects.toMatchObject({ code: "INVALID_ARGUMENT", path: "/a" });
});

test("an own codec may be asynchronous, and what it throws is not shown", async () => {
  const codec = await loadCodec(
    {
      decode: async (data) => {
        const text = Buffer.from(data).toString();
        if (text === "hunter2") throw new Error(`cannot read ${text}`);
        return text;
      },
      encode: async (value) => String(value),
    },
    subject,
  );
  const own = new Format<unknown>(codec, undefined);
  expect(await own.read((await own.write("x", subject)).data)).toEqual({ kind: "value", value: "x" });
  const reading = await own.read(Buffer.from("hunter2"));
  expect(reading).toEqual({
    kind: "invalid",
    reason: "undecodable",
    issues: [{ message: "is not valid custom", path: [] }],
  });
});
