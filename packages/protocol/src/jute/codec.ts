import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

/** How one type is read from and written to jute's bytes. */
export interface Codec<T> {
  /** @throws ProtocolError if the bytes are none of this type. */
  read(reader: Reader): T;
  write(writer: Writer, value: T): void;
}

/** A jute class: named as in ZooKeeper, with its fields in wire order. */
export interface RecordCodec<T> extends Codec<T> {
  readonly name: string;
  readonly fields: Fields<T>;
}

/** The codec of every field of a record. */
export type Fields<T> = { readonly [K in keyof T]: Codec<T[K]> };

/** A list, with the codec of its elements. */
export interface VectorCodec<T> extends Codec<readonly T[]> {
  readonly element: Codec<T>;
}

/**
 * Makes the codec of a record from those of its fields. The records in nearly every reply spell their `read` out: an object literal
 * takes half the time of the loop.
 */
export function record<T extends object>(
  name: string,
  fields: Fields<T>,
  read?: (reader: Reader) => T,
): RecordCodec<T> {
  const entries = Object.entries(fields) as [keyof T, Codec<T[keyof T]>][];
  return {
    name,
    fields,
    read:
      read ??
      ((reader) => {
        const value = {} as T;
        for (const [key, codec] of entries) value[key] = codec.read(reader);
        return value;
      }),
    write(writer, value) {
      for (const [key, codec] of entries) codec.write(writer, value[key]);
    },
  };
}

/** 32 bits, signed. */
export const int: Codec<number> = {
  read: (reader) => reader.int(),
  write: (writer, value) => writer.int(value),
};

/** 64 bits, signed. */
export const long: Codec<bigint> = {
  read: (reader) => reader.long(),
  write: (writer, value) => writer.long(value),
};

/** One byte; every other than 0 reads as true. */
export const boolean: Codec<boolean> = {
  read: (reader) => reader.boolean(),
  write: (writer, value) => writer.boolean(value),
};

/** A field that peers from before 3.4 do not write: its absence reads as false. */
export const trailingBoolean: Codec<boolean> = {
  read: (reader) => reader.remaining > 0 && reader.boolean(),
  write: (writer, value) => writer.boolean(value),
};

/** Bytes, or null: ZooKeeper keeps the two apart for a znode's data. */
export const buffer: Codec<Uint8Array | null> = {
  read: (reader) => reader.buffer(),
  write: (writer, value) => writer.buffer(value),
};

/** A string that ZooKeeper never leaves out; a null from the wire reads as empty. */
export const string: Codec<string> = {
  read: (reader) => reader.string() ?? "",
  write: (writer, value) => writer.string(value),
};

/** A string for which null means another thing than empty. */
export const nullableString: Codec<string | null> = {
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value),
};

/** A vector; a null one from the wire reads as empty. Its elements take bytes each, which bounds a hostile count. */
export function vector<T>(element: Codec<T>): VectorCodec<T> {
  return {
    element,
    read(reader) {
      const count = reader.count();
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(element.read(reader));
      return values;
    },
    write(writer, values) {
      writer.int(values.length);
      for (const value of values) element.write(writer, value);
    },
  };
}

/** No bytes at all: the body of requests and replies that are only a header. */
export const nothing: Codec<object> = {
  read: () => ({}),
  write: () => {},
};
