import type { Acl } from "@quorate/protocol";

/** What happened to a znode, for the watches. */
export interface TreeChange {
  readonly type: "created" | "deleted" | "dataChanged";
  readonly path: string;
  /** Of the znode. Who may not read it is told nothing. */
  readonly acl: readonly Acl[];
  readonly parentAcl: readonly Acl[];
}
