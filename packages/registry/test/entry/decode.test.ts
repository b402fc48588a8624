import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { decodeInstance } from "../../src/entry/decode.ts";
import { encodeInstance } from "../../src/entry/encode.ts";
import { InvalidEntryError } from "../../src/entry/errors.ts";
import type { PayloadSchema } from "../../src/entry/payload-schema.ts";
import { instance } from "../support/instances.ts";

const path = "/services/orders/1";
const decode = (text: string, schema?: PayloadSchema) => decodeInstance(path, Buffer.from(text), schema);
const full = {
  name: "orders",
  id: "1",
  address: "10.0.0.1",
  port: 8080,
  sslPort: 8443,
  payload: { zone: "a" },
  registrationTimeUTC: 1_700_000_000_000,
  serviceType: "PERMANENT",
  uriSpec: { parts: [{ value: "scheme", variable: true }] },
  enabled: false,
};

/** The error, which must show nothing of the data. */
function refusalOf(text: string | null, schema?: PayloadSchema): Error {
  try {
    decodeInstance(path, text === null ? null : Buffer.from(text), schema);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidEntryError);
    expect(error).toMatchObject({ code: "INVALID_ENTRY", path });
    expect(error).not.toHaveProperty("cause");
    expect((error as Error).message).not.toContain("secret");
    return error as Error;
  }
  return expect.fail("it was accepted");
}

describe("an entry", () => {
  it("as Curator writes it", () => {
    expect(decode(JSON.stringify(full))).toEqual({ ...full, path });
    const bare = { name: "orders", id: "1", address: null, port: null, sslPort: null, payload: null, uriSpec: null };
    expect(decode(JSON.stringify(bare))).toEqual({
      ...instance("1", { address: undefined, port: undefined, registrationTimeUTC: 0 }),
    });
  });

  it("fields of other versions are passed over", () => {
    expect(decode(JSON.stringify({ ...full, weight: 3, "@class": "x" }))).toEqual({ ...full, path });
  });

  it("a payload of Java's keeps its class, and is written again as it was", () => {
    const spring =
      '{"name":"orders","id":"1","address":"h","port":1,"sslPort":null,"payload":{"@class":"org.springframework.cloud.zookeeper.' +
      'discovery.ZookeeperInstance","id":"orders-1","name":"orders","metadata":{"zone":"eu","instance_status":"UP"}},' +
      '"registrationTimeUTC":1700000000000,"serviceType":"DYNAMIC","uriSpec":{"parts":[{"value":"scheme","variable":true},' +
      '{"value":"://","variable":false},{"value":"address","variable":true},{"value":":","variable":false},' +
      '{"value":"port","variable":true}]}}';
    expect(encodeInstance(decode(spring))).toBe(spring);
  });

  it("says what is wrong, without what is in it", () => {
    expect(refusalOf(null).message).toContain("empty");
    expect(refusalOf("").message).toContain("empty");
    expect(refusalOf('{"secret"').message).toContain("not JSON");
    expect(refusalOf("[]").message).toContain("not an object");
    expect(refusalOf("null").message).toContain("not an object");
    expect(refusalOf('{"id":"secret"}').message).toContain("no name");
    expect(refusalOf('{"name":"secret"}').message).toContain("no id");
    const wrong = { address: 1, port: "secret", sslPort: 70_000, registrationTimeUTC: "secret", enabled: "secret" };
    const types = { serviceType: "secret", uriSpec: "secret" };
    for (const [key, value] of Object.entries({ ...wrong, ...types })) {
      expect(refusalOf(JSON.stringify({ ...full, [key]: value })).message).toContain(key);
    }
    for (const parts of [null, [null], [{ value: 1, variable: true }], [{ value: "secret" }]]) {
      expect(refusalOf(JSON.stringify({ ...full, uriSpec: { parts } })).message).toContain("uriSpec");
    }
  });

  it("is never fatal but by InvalidEntryError, whatever bytes there are", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (data) => {
          try {
            decodeInstance(path, data);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidEntryError);
          }
        },
      ),
    );
  });

  it("comes back as it was registered", () => {
    fc.assert(
      fc.property(
        fc.record({
          payload: fc.json().map((text) => JSON.parse(text) ?? undefined),
          port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
          enabled: fc.boolean(),
          serviceType: fc.constantFrom("DYNAMIC", "STATIC", "PERMANENT", "DYNAMIC_SEQUENTIAL"),
        }),
        (details) => {
          const given = instance("1", { ...details, serviceType: details.serviceType as "STATIC" });
          expect(decode(encodeInstance(given))).toEqual(given);
        },
      ),
    );
  });

  it("without JSON is refused", () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    for (const payload of [cyclic, { big: 1n }]) {
      expect(() => encodeInstance(instance("1", { payload }))).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT" }),
      );
    }
  });

  it("`enabled` is left out while true, as older readers know no such field", () => {
    expect(encodeInstance(instance("1"))).toBe(
      '{"name":"orders","id":"1","address":"10.0.0.1","port":8080,"sslPort":null,"payload":null,' +
        '"registrationTimeUTC":1700000000000,"serviceType":"DYNAMIC","uriSpec":null}',
    );
    expect(encodeInstance(instance("1", { enabled: false }))).toContain('"enabled":false}');
  });
});

describe("a schema", () => {
  const schema = z.object({ zone: z.string(), weight: z.coerce.number().default(1) });

  it("makes the payload what it is", () => {
    expect(decode(JSON.stringify(full), schema).payload).toEqual({ zone: "a", weight: 1 });
  });

  it("says where the payload does not fit, and not what is there", () => {
    expect(refusalOf(JSON.stringify({ ...full, payload: { zone: 7, weight: "secret" } }), schema).message).toMatch(
      /at zone, at weight$/,
    );
    expect(refusalOf(JSON.stringify({ ...full, payload: null }), schema).message).toContain("as a whole");
  });

  it("that answers later, or fails, is refused", () => {
    const later = z.object({}).refine(async () => true);
    expect(refusalOf(JSON.stringify(full), later).message).toMatch(/asynchronous|failed/);
    const standard = (validate: () => never | Promise<never>): PayloadSchema =>
      ({ "~standard": { version: 1, vendor: "test", validate } }) as PayloadSchema;
    expect(
      refusalOf(
        JSON.stringify(full),
        standard(() => Promise.reject(new Error("secret"))),
      ).message,
    ).toContain("asynchronous");
    const failing = standard(() => {
      throw new Error("secret");
    });
    expect(refusalOf(JSON.stringify(full), failing).message).toContain("failed");
  });
});
