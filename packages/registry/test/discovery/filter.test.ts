import { describe, expect, it } from "vitest";
import { type InstanceFilter, isWanted } from "../../src/discovery/filter.ts";
import { instance } from "../support/instances.ts";

const wants = (payload: unknown, filter: InstanceFilter): boolean => isWanted(instance("1", { payload }), filter);

describe("a filter", () => {
  it("may be a function", () => {
    expect([true, false].map((answer) => wants({}, () => answer))).toEqual([true, false]);
    expect(wants({}, ({ id }) => id === "1")).toBe(true);
  });

  it("by zone and version, in the payload or in Spring's metadata", () => {
    expect(wants({ zone: "a" }, { zone: "a" })).toBe(true);
    expect(wants({ metadata: { zone: "a" } }, { zone: "a" })).toBe(true);
    expect(wants({ zone: "b", metadata: { zone: "a" } }, { zone: "a" })).toBe(false);
    expect(wants({ version: 2 }, { version: "2" })).toBe(true);
    expect(wants({ version: "2.1.0" }, { version: (version) => version.startsWith("2.") })).toBe(true);
    expect(wants({ zone: "c" }, { zone: ["a", "c"] })).toBe(true);
    expect(wants({ zone: "a", version: "1" }, { zone: "a", version: "2" })).toBe(false);
  });

  it("what has no such label does not pass", () => {
    for (const payload of [undefined, null, "a", 1, {}, { zone: null }, { metadata: "a" }]) {
      expect(wants(payload, { zone: () => true })).toBe(false);
      expect(wants(payload, {})).toBe(true);
    }
  });

  it("by the payload", () => {
    expect(wants({ a: 1, b: { c: [1, 2] } }, { payload: { b: { c: { 1: 2 } } } })).toBe(true);
    expect(wants({ a: 1 }, { payload: { a: 2 } })).toBe(false);
    expect(wants({ a: 1 }, { payload: { a: { b: 1 } } })).toBe(false);
    expect(wants(undefined, { payload: { a: 1 } })).toBe(false);
    expect(wants({ a: 1 }, { payload: (payload) => (payload as { a: number }).a === 1 })).toBe(true);
    expect(wants({}, { payload: { constructor: Object } })).toBe(false);
  });
});
