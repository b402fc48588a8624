import { describe, expect, it } from "vitest";
import { addressMatches, isAddressPattern } from "../../src/embedded/acl/ip-address.ts";

describe("addresses", () => {
  it.each([
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.0/8", true],
    ["10.1.2.3", "10.1.0.0/16", true],
    ["10.2.2.3", "10.1.0.0/16", false],
    ["255.255.255.255", "255.255.255.254/31", true],
    ["1.2.3.4", "9.9.9.9/0", true],
    ["::1", "0.0.0.0/0", false],
  ])("%s is within %s: %s", (address, pattern, isWithin) => {
    expect(addressMatches(address, pattern)).toBe(isWithin);
  });

  it.each(["1.2.3", "1.2.3.4.5", "1.2.3.256", "a.b.c.d", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "", "::1"])(
    "%j is no pattern",
    (text) => {
      expect(isAddressPattern(text)).toBe(false);
    },
  );
});
