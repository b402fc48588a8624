import { expect, test } from "vitest";
import { operations } from "../../src/operations/operations.ts";
import { type AnyRecordCodec, decode, encode, recordCodecs } from "../support/codecs.ts";
import { asRead, vectors } from "../support/golden.ts";

function codecOf(record: string): AnyRecordCodec {
  const codec = recordCodecs.get(record);
  if (codec === undefined) throw new Error(`no exported codec is named ${record}`);
  return codec;
}

test("every exported record codec has vectors of every kind", () => {
  const cases = new Map<string, number>();
  for (const { record } of vectors.records) cases.set(record, (cases.get(record) ?? 0) + 1);
  expect([...cases.keys()].toSorted()).toEqual([...recordCodecs.keys()].toSorted());
  expect(Math.min(...cases.values())).toBeGreaterThanOrEqual(5);
});

test.each(vectors.records)("$record: $case", ({ record, fields, hex }) => {
  const codec = codecOf(record);
  const { value, isExact } = asRead(codec, fields);
  expect(Object.keys(value as object)).toEqual(expect.arrayContaining(Object.keys(fields)));
  expect(decode(codec, Buffer.from(hex, "hex"))).toEqual(value);
  if (isExact) expect(encode(codec, fields).toString("hex")).toBe(hex);
});

test("most vectors are compared byte by byte, some of every record", () => {
  const exact = vectors.records.filter(({ record, fields }) => asRead(codecOf(record), fields).isExact);
  expect(exact.length).toBeGreaterThan(vectors.records.length / 2);
  expect(new Set(exact.map(({ record }) => record)).size).toBe(recordCodecs.size);
});

test.each(vectors.multis)("$op $side $fields", ({ op, side, fields, hex }) => {
  const codec = operations[op][side];
  expect(decode(codec, Buffer.from(hex, "hex"))).toEqual(fields);
  expect(encode(codec, fields).toString("hex")).toBe(hex);
});

test("every operation and result of a multi has a vector", () => {
  const seen = (side: string, key: string): string[] =>
    vectors.multis
      .filter((vector) => vector.side === side)
      .flatMap(({ fields }) => (fields[key] as { op: string }[]).map(({ op }) => op));
  expect([...new Set(seen("request", "operations"))].toSorted()).toEqual([
    "check",
    "create",
    "create2",
    "createContainer",
    "createTtl",
    "delete",
    "getChildren",
    "getData",
    "setData",
  ]);
  expect([...new Set(seen("reply", "results"))].toSorted()).toEqual([
    "check",
    "create",
    "create2",
    "delete",
    "error",
    "getChildren",
    "getData",
    "setData",
  ]);
});
