import type { Acl, Stat } from "@quorate/protocol";
import type { Lifetime } from "./lifetime.ts";

/** The transaction a change belongs to. */
export interface Transaction {
  readonly zxid: bigint;
  /** Wall clock, milliseconds since 1970. */
  readonly time: bigint;
}

export interface ZnodeContent {
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  readonly lifetime: Lifetime;
}

const none: ReadonlySet<string> = new Set();

/** One znode. Only the tree changes it. */
export class Znode {
  data: Uint8Array | null;
  acl: readonly Acl[];
  readonly lifetime: Lifetime;
  czxid: bigint;
  mzxid: bigint;
  pzxid: bigint;
  ctime: bigint;
  mtime: bigint;
  version = 0;
  aversion = 0;
  /** Children ever created: the number of the next sequential one. */
  creations = 0;
  #children: Set<string> | undefined;

  constructor({ data, acl, lifetime }: ZnodeContent, { zxid, time }: Transaction) {
    this.data = data;
    this.acl = acl;
    this.lifetime = lifetime;
    this.czxid = zxid;
    this.mzxid = zxid;
    this.pzxid = zxid;
    this.ctime = time;
    this.mtime = time;
  }

  /** Names, not paths. */
  get children(): ReadonlySet<string> {
    return this.#children ?? none;
  }

  addChild(name: string): void {
    this.#children ??= new Set();
    this.#children.add(name);
  }

  removeChild(name: string): void {
    this.#children?.delete(name);
  }

  /**
   * What clients are told. As in ZooKeeper, `cversion` counts creations and deletions of children though only the creations are kept, and
   * the owner of containers and TTL nodes reads as nobody.
   */
  stat(): Stat {
    const numChildren = this.children.size;
    return {
      czxid: this.czxid,
      mzxid: this.mzxid,
      ctime: this.ctime,
      mtime: this.mtime,
      version: this.version,
      cversion: (this.creations * 2 - numChildren) | 0,
      aversion: this.aversion,
      ephemeralOwner: this.lifetime.kind === "ephemeral" ? this.lifetime.sessionId : 0n,
      dataLength: this.data?.length ?? 0,
      numChildren,
      pzxid: this.pzxid,
    };
  }
}
