import fc, { type Arbitrary } from "fast-check";
import { boolean, buffer, int, long, nothing, nullableString, string, trailingBoolean } from "../../src/jute/codec.ts";
import { operations } from "../../src/operations/operations.ts";
import * as replies from "../../src/records/replies.ts";
import * as requests from "../../src/records/requests.ts";
import type { AnyCodec, AnyRecordCodec } from "./codecs.ts";

const text = fc.string({ unit: "binary", maxLength: 12 });

const primitives = new Map<object, Arbitrary<unknown>>([
  [int, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
  [long, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [boolean, fc.boolean()],
  [trailingBoolean, fc.boolean()],
  [buffer, fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null })],
  [string, text],
  [nullableString, fc.option(text, { nil: null })],
  [nothing, fc.constant({})],
]);

function member(op: string, codec: AnyCodec | undefined): Arbitrary<object> {
  const fields = codec === undefined ? fc.constant({}) : (recordOrPrimitive(codec) as Arbitrary<object>);
  return fields.map((value) => ({ op, ...value }));
}

function recordOrPrimitive(codec: AnyCodec): Arbitrary<unknown> {
  const known = primitives.get(codec);
  if (known !== undefined) return known;
  if ("element" in codec) return fc.array(recordOrPrimitive(codec.element as AnyCodec), { maxLength: 4 });
  if ("fields" in codec) {
    const { fields } = codec as AnyRecordCodec;
    return fc.record(
      Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, recordOrPrimitive(field)])),
    );
  }
  throw new TypeError("no arbitrary for this codec: add it here");
}

function membersOf(key: string, table: Readonly<Record<string, AnyCodec | undefined>>): Arbitrary<object> {
  const anyMember = fc.oneof(...Object.entries(table).map(([op, codec]) => member(op, codec)));
  return fc.array(anyMember, { maxLength: 5 }).map((members) => ({ [key]: members }));
}

const results = membersOf("results", {
  create: replies.CreateReply,
  create2: replies.Create2Reply,
  delete: undefined,
  check: undefined,
  setData: replies.SetDataReply,
  getData: replies.GetDataReply,
  getChildren: replies.GetChildrenReply,
  error: replies.ErrorReply,
});

const writes = membersOf("operations", {
  create: requests.CreateRequest,
  create2: requests.CreateRequest,
  createContainer: requests.CreateRequest,
  createTtl: requests.CreateTtlRequest,
  delete: requests.DeleteRequest,
  check: requests.CheckVersionRequest,
  setData: requests.SetDataRequest,
});

const reads = membersOf("operations", { getData: requests.GetDataRequest, getChildren: requests.GetChildrenRequest });

const multis = new Map<object, Arbitrary<object>>([
  [operations.multi.reply, results],
  [operations.multiRead.reply, results],
  [operations.multi.request, writes],
  [operations.multiRead.request, reads],
]);

/** What a codec can write and read back, told by its fields alone. */
export function arbitraryOf(codec: AnyCodec): Arbitrary<unknown> {
  return multis.get(codec) ?? recordOrPrimitive(codec);
}
