import { describe, expect, it } from "vitest";
import { decodeProclamation, encodeProclamation } from "../../src/participants/proclamation.ts";

describe("a proclamation", () => {
  const token = 0x1_0000_00ffn;

  it("is the data behind the token", () => {
    const stored = encodeProclamation(token, Buffer.from("hello"));
    expect(Buffer.from(stored).toString()).toBe("00000001000000ff\nhello");
    expect(decodeProclamation(stored, token)).toEqual(Buffer.from("hello"));
  });

  it("of nothing is empty, not absent", () => {
    expect(decodeProclamation(encodeProclamation(token, null), token)).toHaveLength(0);
  });

  it("is not taken for that of another term, nor is any other data", () => {
    const stored = encodeProclamation(token, Buffer.from("hello"));
    expect(decodeProclamation(stored, token + 1n)).toBeNull();
    expect(decodeProclamation(stored.subarray(0, 10), token)).toBeNull();
    for (const data of [null, new Uint8Array(), Buffer.from("hello")]) {
      expect(decodeProclamation(data, token)).toBeNull();
    }
  });
});
