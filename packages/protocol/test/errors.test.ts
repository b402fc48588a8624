import { expect, test } from "vitest";
import { EncodingError } from "../src/encoding-error.ts";
import { ProtocolError } from "../src/protocol-error.ts";
import { QuorateError } from "../src/quorate-error.ts";

test("errors are known by brand, code and name, and keep their cause", () => {
  const cause = new Error("why");
  const error = new ProtocolError("odd bytes", { cause });
  expect(error).toMatchObject({
    name: "ProtocolError",
    code: "PROTOCOL",
    retryable: true,
    message: "odd bytes",
    cause,
  });
  expect(new EncodingError("odd value", { path: "/a", op: "create" })).toMatchObject({
    name: "EncodingError",
    code: "ENCODING",
    retryable: false,
    path: "/a",
    op: "create",
  });
  expect("cause" in new ProtocolError("none")).toBe(false);
});

test("an error of another copy of this package is recognised, any other value is not", () => {
  const foreign = Object.create({ [Symbol.for("@quorate/error")]: true }) as unknown;
  for (const error of [new ProtocolError("x"), foreign]) expect(QuorateError.isQuorateError(error)).toBe(true);
  for (const other of [new Error("x"), {}, null, undefined, "x"]) {
    expect(QuorateError.isQuorateError(other)).toBe(false);
  }
});
