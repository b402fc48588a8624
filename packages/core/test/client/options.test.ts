import { describe, expect, it } from "vitest";
import { openAcl } from "../../src/acl/acl.ts";
import { credentialOf, credentialsOf } from "../../src/client/auth.ts";
import { type ConnectOptions, resolveOptions } from "../../src/client/options.ts";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";

function refusal(act: () => unknown): InvalidArgumentError {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidArgumentError) return error;
    throw error;
  }
  throw new Error("it was expected to refuse");
}

describe("the options of connect()", () => {
  it("have the defaults their documentation tells", () => {
    const resolved = resolveOptions({});
    expect(resolved).toMatchObject({
      sessionTimeoutMs: 10_000,
      connectTimeoutMs: 15_000,
      attemptTimeoutMs: 10_000 / 3,
      operationTimeoutMs: 10_000,
      readOnly: false,
      credentials: [],
      retry: { retries: 8, minDelayMs: 20, maxDelayMs: 1_000 },
      acl: openAcl,
      maxRequestBytes: 1_048_575,
      driver: { name: "wire" },
    });
    expect([resolved.tls, resolved.sasl, resolved.sessionMarginMs]).toEqual([undefined, undefined, undefined]);
    expect(resolveOptions({ sessionTimeoutMs: 60_000 })).toMatchObject({
      attemptTimeoutMs: 5_000,
      operationTimeoutMs: 60_000,
    });
  });

  it("take true and false for tls", () => {
    expect(resolveOptions({ tls: true }).tls).toEqual({});
    expect(resolveOptions({ tls: false }).tls).toBeUndefined();
    expect(resolveOptions({ tls: { servername: "zk" } }).tls).toEqual({ servername: "zk" });
  });

  it("take no retry at all", () => {
    expect(resolveOptions({ retry: false }).retry.retries).toBe(0);
    expect(resolveOptions({ retry: { retries: 2 } }).retry).toEqual({ retries: 2, minDelayMs: 20, maxDelayMs: 1_000 });
  });

  it.each<[option: string, options: object, shown: string]>([
    ["sessionTimeoutMs", { sessionTimeoutMs: 0 }, "0"],
    ["sessionTimeoutMs", { sessionTimeoutMs: 2 ** 31 }, "2147483648"],
    ["sessionTimeoutMs", { sessionTimeoutMs: 1_000.5 }, "1000.5"],
    ["sessionTimeoutMs", { sessionTimeoutMs: "10000" }, "10000"],
    ["sessionTimeoutMs", { sessionTimeoutMs: Number.NaN }, "NaN"],
    ["connectTimeoutMs", { connectTimeoutMs: -1 }, "-1"],
    ["attemptTimeoutMs", { attemptTimeoutMs: Number.POSITIVE_INFINITY }, "Infinity"],
    ["operationTimeoutMs", { operationTimeoutMs: true }, "true"],
    ["sessionMarginMs", { sessionMarginMs: -5 }, "-5"],
    ["sessionMarginMs", { sessionTimeoutMs: 4_000, sessionMarginMs: 4_000 }, "4000"],
    ["maxRequestBytes", { maxRequestBytes: 0 }, "0"],
    ["retry.retries", { retry: { retries: -1 } }, "-1"],
    ["retry.retries", { retry: { retries: 1.5 } }, "1.5"],
    ["retry.minDelayMs", { retry: { minDelayMs: Number.POSITIVE_INFINITY } }, "Infinity"],
    ["retry.maxDelayMs", { retry: { maxDelayMs: "1" } }, "1"],
    ["retry", { retry: true }, "true"],
    ["tls", { tls: "yes" }, "tls"],
    ["acl", { acl: [] }, "acl"],
    ["readOnly", { readOnly: "yes" }, "yes"],
    ["driver", { driver: {} }, "open"],
    ["driver", { driver: 5 }, "5"],
    ["logger", { logger: { debug() {}, info() {}, warn() {} } }, "error"],
    ["random", { random: { float: () => 0 } }, "uuid"],
  ])("refuse a bad %s: %j", (option, options, shown) => {
    const error = refusal(() => resolveOptions(options as ConnectOptions));
    expect(error.message).toContain(option);
    expect(error.message).toContain(shown);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT", op: "connect" });
  });
});

describe("auth", () => {
  it("gives the credential packets, in order, and the SASL identity apart", () => {
    const { credentials, sasl } = credentialsOf([
      { scheme: "digest", username: "ann", password: "a:b" },
      { scheme: "sasl", username: "bob", password: "y" },
      { scheme: "ip", credential: "" },
      { scheme: "own", credential: new Uint8Array([1, 2]) },
    ]);
    expect(credentials).toEqual([
      { scheme: "digest", credential: Buffer.from("ann:a:b") },
      { scheme: "ip", credential: Buffer.from("") },
      { scheme: "own", credential: new Uint8Array([1, 2]) },
    ]);
    expect(sasl).toEqual({ username: "bob", password: "y" });
    expect(credentialsOf(undefined)).toEqual({ credentials: [], sasl: undefined });
    expect(credentialsOf({ scheme: "digest", username: "ann", password: "x" }).credentials).toHaveLength(1);
  });

  it.each<[why: string, auth: unknown]>([
    ["username", { scheme: "digest", password: "hunter2" }],
    ["password", { scheme: "digest", username: "ann", password: "" }],
    ["colon", { scheme: "digest", username: "ann:hunter2", password: "x" }],
    ["scheme", { username: "ann", password: "hunter2" }],
    ["scheme", { scheme: "", credential: "hunter2" }],
    ["credential", { scheme: "own", credential: 5 }],
    ["credential", { scheme: "own", credential: undefined }],
    ["username", { scheme: "sasl", password: "hunter2" }],
    ["sasl", { scheme: "sasl", credential: "hunter2" }],
    [
      "sasl",
      [
        { scheme: "sasl", username: "a", password: "hunter2" },
        { scheme: "sasl", username: "b", password: "hunter2" },
      ],
    ],
    ["object", "ann:hunter2"],
    ["object", [null]],
  ])("refuses a bad %s, showing no secret: %#", (why, auth) => {
    const error = refusal(() => credentialsOf(auth as never));
    expect(error.message).toContain(why);
    expect(error.message).not.toContain("hunter2");
  });

  it("is only a credential packet once connected", () => {
    expect(
      refusal(() => credentialOf({ scheme: "sasl", username: "a", password: "hunter2" }, "addAuth")).message,
    ).toContain("sasl");
  });
});
