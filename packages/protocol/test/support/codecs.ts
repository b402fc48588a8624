import * as protocol from "../../src/index.ts";
import { Reader } from "../../src/jute/reader.ts";
import { Writer } from "../../src/jute/writer.ts";

/** A codec of whatever type. */
export interface AnyCodec {
  read(reader: Reader): unknown;
  write(writer: Writer, value: never): void;
}

export interface AnyRecordCodec extends AnyCodec {
  readonly name: string;
  readonly fields: Readonly<Record<string, AnyCodec>>;
}

function isRecordCodec(value: unknown): value is AnyRecordCodec {
  return typeof value === "object" && value !== null && "fields" in value && "read" in value;
}

/** Every record codec the package exports, so that none can be forgotten, by its name in ZooKeeper. */
export const recordCodecs: ReadonlyMap<string, AnyRecordCodec> = new Map(
  (Object.values(protocol) as unknown[]).filter(isRecordCodec).map((codec) => [codec.name, codec]),
);

/** Everything that reads what came over the network. */
export const readers: ReadonlyMap<string, AnyCodec> = new Map<string, AnyCodec>([
  ...recordCodecs,
  ...Object.entries(protocol.operations).flatMap(([op, { request, reply }]): [string, AnyCodec][] => [
    [`${op} request`, request],
    [`${op} reply`, reply],
  ]),
]);

export function decode(codec: AnyCodec, bytes: Uint8Array): unknown {
  return codec.read(new Reader(bytes));
}

export function encode(codec: AnyCodec, value: unknown): Buffer {
  const writer = new Writer(16);
  codec.write(writer, value as never);
  return writer.take();
}
