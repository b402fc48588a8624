import {
  AuthFailedError,
  ConnectError,
  InvalidArgumentError,
  NoAuthError,
  NoNodeError,
  TimeoutError,
} from "@quorate/core";
import { ErrorCode } from "@quorate/protocol";
import { expect, test } from "vitest";
import { ExitStatus, statusOfError, UsageError } from "../../src/shared/exit-status.ts";

test.each([
  [new UsageError("x"), ExitStatus.usage],
  [new InvalidArgumentError("x"), ExitStatus.usage],
  [new NoNodeError(ErrorCode.NO_NODE), ExitStatus.noNode],
  [new NoAuthError(ErrorCode.NO_AUTH), ExitStatus.denied],
  [new TimeoutError("x"), ExitStatus.timeout],
  [new ConnectError("x", { attempts: [] }), ExitStatus.unreachable],
  [new ConnectError("x", { attempts: [], cause: new AuthFailedError(ErrorCode.AUTH_FAILED) }), ExitStatus.denied],
  [new Error("x"), ExitStatus.failed],
  ["thrown", ExitStatus.failed],
])("%o ends the command with its status", (error, status) => {
  expect(statusOfError(error)).toBe(status);
});
