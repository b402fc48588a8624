import { ErrorCode } from "@quorate/protocol";
import { describe, expect, it } from "vitest";
import { errorFromServer } from "../../src/errors/server-errors.ts";
import * as core from "../../src/index.ts";

describe("errors from the server", () => {
  it.each<[code: keyof typeof ErrorCode, Class: typeof core.ServerError]>([
    ["NO_NODE", core.NoNodeError],
    ["NODE_EXISTS", core.NodeExistsError],
    ["BAD_VERSION", core.BadVersionError],
    ["NOT_EMPTY", core.NotEmptyError],
    ["NO_AUTH", core.NoAuthError],
    ["AUTH_FAILED", core.AuthFailedError],
    ["INVALID_ACL", core.InvalidAclError],
    ["NO_CHILDREN_FOR_EPHEMERALS", core.NoChildrenForEphemeralsError],
    ["NOT_READ_ONLY", core.NotReadOnlyError],
    ["NO_WATCHER", core.NoWatcherError],
    ["SESSION_MOVED", core.ServerError],
    ["QUOTA_EXCEEDED", core.ServerError],
  ])("%s is of its own class: %o", (code, Class) => {
    const error = errorFromServer(ErrorCode[code], { op: "get", path: "/a", index: 2 });
    expect(error.constructor).toBe(Class);
    expect(error).toBeInstanceOf(core.ServerError);
    expect(error).toBeInstanceOf(core.QuorateError);
    expect(error).toMatchObject({
      name: Class.name,
      code,
      serverCode: ErrorCode[code],
      op: "get",
      path: "/a",
      index: 2,
      retryable: false,
    });
    expect(error.message).toMatch(/^get \/a: .*operation 2 of the transaction\)$/);
  });

  it("of a code nobody knows is a plain one, with its number", () => {
    const error = errorFromServer(-9999);
    expect(error).toMatchObject({ code: "UNKNOWN_SERVER_ERROR", serverCode: -9999 });
    expect(error.message).toContain("-9999");
  });

  it("that mean something for the client are its own errors", () => {
    expect(errorFromServer(ErrorCode.SESSION_EXPIRED)).toMatchObject({
      code: "SESSION_EXPIRED",
      outcome: "not-applied",
      endedBy: "server",
    });
    expect(errorFromServer(ErrorCode.UNIMPLEMENTED, { op: "addWatch" })).toBeInstanceOf(core.UnsupportedError);
  });
});

describe("the client's own errors", () => {
  const attempt = { server: "zk:2181", cause: new Error("refused") };
  it.each<[error: core.QuorateError, code: string, retryable: boolean]>([
    [new core.ConnectionLossError("x"), "CONNECTION_LOSS", true],
    [new core.SessionExpiredError("x"), "SESSION_EXPIRED", false],
    [new core.ClosedError("x"), "CLOSED", false],
    [new core.TimeoutError("x"), "TIMEOUT", true],
    [new core.AbortedError("x"), "ABORTED", false],
    [new core.ConnectError("x", { attempts: [attempt] }), "CONNECT", true],
    [new core.InvalidArgumentError("x"), "INVALID_ARGUMENT", false],
    [new core.TooLargeError("x"), "TOO_LARGE", false],
    [new core.UnsupportedError("x"), "UNSUPPORTED", false],
    [new core.LeaseLostError("x", { reason: "suspended" }), "LEASE_LOST", false],
    [new core.ProtocolError("x"), "PROTOCOL", true],
  ])("%s has a stable code and name", (error, code, retryable) => {
    expect(error).toMatchObject({ code, retryable, name: error.constructor.name });
    expect(error).toBeInstanceOf(core.QuorateError);
    expect(core.QuorateError.isQuorateError(error)).toBe(true);
  });

  it("tell an unknown outcome unless they know better", () => {
    for (const Class of [core.ConnectionLossError, core.SessionExpiredError, core.ClosedError, core.TimeoutError]) {
      expect([new Class("x").outcome, new Class("x", { outcome: "not-applied" }).outcome]).toEqual([
        "unknown",
        "not-applied",
      ]);
    }
  });
});
