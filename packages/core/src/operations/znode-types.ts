import type { Acl, Stat } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";

export interface Created {
  /** The path as created: with the sequence number for sequential modes. */
  readonly path: string;
  readonly stat: Stat;
}

export interface Znode {
  readonly data: Uint8Array | null;
  readonly stat: Stat;
}

export interface NodeAcl {
  readonly acl: readonly Acl[];
  readonly stat: Stat;
}

export interface VersionOptions extends Bounds {
  /** Only if the znode (for `setAcl`: its ACL) still has this version. Default -1: any. */
  readonly version?: number;
}

export interface DeleteOptions extends VersionOptions {
  /** The descendants too, deepest first; not atomic. Default false. */
  readonly recursive?: boolean;
}

/** What the composed operations are made of. */
export interface BasicOperations {
  children(path: string, bounds?: Bounds): Promise<string[]>;
  delete(path: string, options?: VersionOptions): Promise<void>;
  exists(path: string, bounds?: Bounds): Promise<Stat | undefined>;
  sync(path: string, bounds?: Bounds): Promise<void>;
}
