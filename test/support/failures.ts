import { inspect } from "node:util";
import { QuorateError } from "@quorate/protocol";
import { expect } from "vitest";

/** The typed error of a call that must fail. */
export async function failureOf(call: Promise<unknown> | (() => unknown)): Promise<QuorateError> {
  let error: unknown;
  try {
    await (typeof call === "function" ? call() : call);
  } catch (thrown) {
    error = thrown;
  }
  if (error === undefined) expect.fail("the call did not fail");
  expect(error).toBeInstanceOf(QuorateError);
  return error as QuorateError;
}

/** Everything of an error a log would show, its causes included. */
export function shown(error: unknown): string {
  return inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
}
