/** What happened to a znode, for the watches. */
export interface TreeChange {
  readonly type: "created" | "deleted" | "dataChanged";
  readonly path: string;
}
