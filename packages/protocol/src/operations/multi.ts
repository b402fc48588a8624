import { OpCode } from "../codes.ts";
import { EncodingError } from "../encoding-error.ts";
import { boolean, type Codec, int, type RecordCodec, record } from "../jute/codec.ts";
import type { Reader } from "../jute/reader.ts";
import type { Writer } from "../jute/writer.ts";
import { ProtocolError } from "../protocol-error.ts";
import {
  Create2Reply,
  CreateReply,
  ErrorReply,
  GetChildrenReply,
  GetDataReply,
  SetDataReply,
  type StatReply,
} from "../records/replies.ts";
import {
  CheckVersionRequest,
  CreateRequest,
  CreateTtlRequest,
  DeleteRequest,
  GetChildrenRequest,
  GetDataRequest,
  SetDataRequest,
  type VersionedRequest,
  type WatchableRequest,
} from "../records/requests.ts";

/** What stands before every member of a multi, and after the last one. */
export interface MultiHeader {
  readonly type: number;
  readonly done: boolean;
  readonly err: number;
}

/** Codec of {@link MultiHeader}. */
export const MultiHeader: RecordCodec<MultiHeader> = record("MultiHeader", { type: int, done: boolean, err: int });

/**
 * One write of a transaction. A server of 3.8 takes `create2` for `create`: the result of both is a path without a Stat. Containers and TTL
 * nodes are answered by `create2`, with a Stat.
 */
export type MultiOperation =
  | ({ readonly op: "create" | "create2" | "createContainer" } & CreateRequest)
  | ({ readonly op: "createTtl" } & CreateTtlRequest)
  | ({ readonly op: "delete" | "check" } & VersionedRequest)
  | ({ readonly op: "setData" } & SetDataRequest);

/** One read of a `multiRead`. */
export type MultiReadOperation = { readonly op: "getData" | "getChildren" } & WatchableRequest;

/**
 * What became of one operation.
 *
 * If one write of a transaction fails, nothing is applied, the reply's header still says 0, and every result is an `error`: 0 for those
 * before the one that failed, its code, then RUNTIME_INCONSISTENCY (-2) for those after it. Reads of a `multiRead` fail each for itself.
 */
export type MultiResult =
  | { readonly op: "create"; readonly path: string }
  | ({ readonly op: "create2" } & Create2Reply)
  | { readonly op: "delete" }
  | { readonly op: "check" }
  | ({ readonly op: "setData" } & StatReply)
  | ({ readonly op: "getData" } & GetDataReply)
  | ({ readonly op: "getChildren" } & GetChildrenReply)
  | ({ readonly op: "error" } & ErrorReply);

const end: MultiHeader = { type: -1, done: true, err: -1 };

/** A codec of any record; which one goes with which `op` is what the tables below say. */
interface Body {
  read(reader: Reader): object;
  write(writer: Writer, value: never): void;
}

interface Part<T> {
  readonly op: T;
  readonly type: number;
  readonly body: Body | undefined;
}

function part<T extends string>(op: T, type: number, body?: Body): Part<T> {
  return { op, type, body };
}

/** `successErr` is what the header of a member that is no error carries: -1 in a request, 0 in a reply. Nobody reads it. */
function parts<T extends { readonly op: string }>(
  successErr: number,
  table: readonly Part<T["op"]>[],
): Codec<readonly T[]> {
  const byType = new Map(table.map((entry) => [entry.type, entry]));
  const byOp = new Map(table.map((entry) => [entry.op, entry]));
  return {
    read(reader) {
      const values: T[] = [];
      for (;;) {
        const header = MultiHeader.read(reader);
        if (header.done) return values;
        const entry = byType.get(header.type);
        if (entry === undefined) throw new ProtocolError(`unknown operation type ${header.type} in a multi`);
        const body: object = entry.body?.read(reader) ?? {};
        values.push({ op: entry.op, ...body } as T);
      }
    },
    write(writer, values) {
      for (const value of values) {
        const entry = byOp.get(value.op);
        if (entry === undefined) throw new EncodingError(`${value.op} cannot be part of a multi`);
        const err = entry.type === OpCode.error && "err" in value ? (value.err as number) : successErr;
        MultiHeader.write(writer, { type: entry.type, done: false, err });
        entry.body?.write(writer, value as never);
      }
      MultiHeader.write(writer, end);
    },
  };
}

/** The operations of a `multi`, up to and with the header that ends them. */
export const MultiOperations: Codec<readonly MultiOperation[]> = parts(-1, [
  part("create", OpCode.create, CreateRequest),
  part("create2", OpCode.create2, CreateRequest),
  part("createContainer", OpCode.createContainer, CreateRequest),
  part("createTtl", OpCode.createTtl, CreateTtlRequest),
  part("delete", OpCode.delete, DeleteRequest),
  part("check", OpCode.check, CheckVersionRequest),
  part("setData", OpCode.setData, SetDataRequest),
]);

/** The operations of a `multiRead`, up to and with the header that ends them. */
export const MultiReadOperations: Codec<readonly MultiReadOperation[]> = parts(-1, [
  part("getData", OpCode.getData, GetDataRequest),
  part("getChildren", OpCode.getChildren, GetChildrenRequest),
]);

/** The results of a `multi` or `multiRead`, up to and with the header that ends them. */
export const MultiResults: Codec<readonly MultiResult[]> = parts(0, [
  part("create", OpCode.create, CreateReply),
  part("create2", OpCode.create2, Create2Reply),
  part("delete", OpCode.delete),
  part("check", OpCode.check),
  part("setData", OpCode.setData, SetDataReply),
  part("getData", OpCode.getData, GetDataReply),
  part("getChildren", OpCode.getChildren, GetChildrenReply),
  part("error", OpCode.error, ErrorReply),
]);
