import { describe, expect, it } from "vitest";
import { candidateName, idOf, isOutranked, lineOf, priorityOf } from "../../src/participants/participant.ts";

const line = lineOf("/l");
const uuid = "_c_0b4bd7f4-5d3c-4c5b-8f0a-3a2f5d1c9e77-";

describe("a candidate's name", () => {
  it("is Curator's without a priority", () => {
    expect(candidateName(undefined, line)).toBe("latch-");
    expect(candidateName(0, line)).toBe("p0-latch-");
    expect(candidateName(-3, line)).toBe("p-3-latch-");
  });

  it("tells the priority, 0 where there is none", () => {
    for (const priority of [0, 7, -3, Number.MAX_SAFE_INTEGER]) {
      expect(priorityOf(`${uuid}${candidateName(priority, line)}0000000012`)).toBe(priority);
    }
    expect(priorityOf(`${uuid}p4-latch--2147483648`)).toBe(4);
    expect(priorityOf(`${uuid}latch-0000000012`)).toBe(0);
    expect(priorityOf("p5-config")).toBe(0);
  });
});

describe("being outranked", () => {
  const names = [`${uuid}p2-latch-0000000001`, `${uuid}latch-0000000002`, `${uuid}p-1-latch-0000000003`];

  it("is by a strictly higher priority of someone in line", () => {
    expect(isOutranked(1, names, line)).toBe(true);
    expect(isOutranked(2, names, line)).toBe(false);
    expect(isOutranked(-1, names.slice(1), line)).toBe(true);
    expect(isOutranked(0, names.slice(1), line)).toBe(false);
  });

  it("is not by what is no candidate", () => {
    expect(isOutranked(1, [`${uuid}p9-lock-0000000001`, "p9-latch-"], line)).toBe(false);
  });
});

it("an id is UTF-8; none is empty", () => {
  expect(idOf(Buffer.from("wörker"))).toBe("wörker");
  expect(idOf(null)).toBe("");
});
