import { type Codec, int, long, type RecordCodec, record, string, vector } from "../jute/codec.ts";
import type { Reader } from "../jute/reader.ts";

/** Who an ACL entry or a credential is about, such as `{ scheme: "world", id: "anyone" }`. */
export interface Id {
  readonly scheme: string;
  readonly id: string;
}

/** Codec of {@link Id}. */
export const Id: RecordCodec<Id> = record("Id", { scheme: string, id: string });

/** One entry of an access control list. */
export interface Acl {
  /** Bits of {@link Permission}. */
  readonly perms: number;
  readonly id: Id;
}

/** Codec of {@link Acl}. */
export const Acl: RecordCodec<Acl> = record("ACL", { perms: int, id: Id });

/** Codec of an access control list. */
export const AclList: Codec<readonly Acl[]> = vector(Acl);

/** A znode's metadata. */
export interface Stat {
  /** zxid of the transaction that created the znode: strictly grows from creation to creation. */
  readonly czxid: bigint;
  /** zxid of the last change of the data. */
  readonly mzxid: bigint;
  /** Creation time by the leader's clock, milliseconds since 1970. */
  readonly ctime: bigint;
  /** Time of the last data change by the leader's clock, milliseconds since 1970. */
  readonly mtime: bigint;
  /** Number of data changes. */
  readonly version: number;
  /** Number of changes to the list of children. */
  readonly cversion: number;
  /** Number of ACL changes. */
  readonly aversion: number;
  /** Session id of the owner of an ephemeral znode; 0 for a persistent one; special values for containers and TTL nodes. */
  readonly ephemeralOwner: bigint;
  /** Bytes of data. */
  readonly dataLength: number;
  readonly numChildren: number;
  /** zxid of the last change to the list of children. */
  readonly pzxid: bigint;
}

const statFields = {
  czxid: long,
  mzxid: long,
  ctime: long,
  mtime: long,
  version: int,
  cversion: int,
  aversion: int,
  ephemeralOwner: long,
  dataLength: int,
  numChildren: int,
  pzxid: long,
} as const;

/** Codec of {@link Stat}. */
export const Stat: RecordCodec<Stat> = record<Stat>(
  "Stat",
  statFields,
  (reader: Reader): Stat => ({
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.long(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.long(),
  }),
);

/** One identity a session is authenticated as, as `whoAmI` tells it. */
export interface ClientInfo {
  readonly authScheme: string;
  readonly user: string;
}

/** Codec of {@link ClientInfo}. */
export const ClientInfo: RecordCodec<ClientInfo> = record("ClientInfo", { authScheme: string, user: string });
