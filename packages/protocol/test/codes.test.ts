import { expect, test } from "vitest";
import { CreateMode, ErrorCode, errorName, OpCode } from "../src/codes.ts";
import { operationName, operations } from "../src/operations/operations.ts";
import { vectors } from "./support/golden.ts";

function folded(codes: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(codes).map(([name, code]) => [name.replaceAll("_", "").toUpperCase(), code]),
  );
}

test("the operation codes are ZooKeeper's", () => expect(folded(OpCode)).toEqual(folded(vectors.opCodes)));

test("the error codes are ZooKeeper's, and two of its C client", () => {
  const { OK: _, ...java } = vectors.errorCodes;
  expect(folded(ErrorCode)).toEqual({ ...folded(java), CLOSING: -116, NOTHING: -117 });
});

test("the modes of a create are ZooKeeper's", () => {
  expect(folded(CreateMode)).toEqual(folded(rename(vectors.createModes)));
});

function rename(modes: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(modes).map(([name, flag]) => [name.replace("_WITH_TTL", "WithTtl"), flag] as const);
  return Object.fromEntries(entries);
}

test("codes nobody knows have no name", () => {
  for (const code of [0, 1, -126, 2 ** 31, Number.NaN]) expect(errorName(code)).toBeUndefined();
  for (const type of [-1, 0, 13, 999]) expect(operationName(type)).toBeUndefined();
  expect(errorName(-101)).toBe("NO_NODE");
});

test("every operation is found by its code", () => {
  for (const [name, { type }] of Object.entries(operations)) expect(operationName(type)).toBe(name);
});
