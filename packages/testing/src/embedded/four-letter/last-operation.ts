import type { WireOp } from "../../proxy/reply-drop.ts";

/** What `cons` calls the last operation (`lop`), as org.apache.zookeeper.server.FinalRequestProcessor does. */
const names: Partial<Record<WireOp, string>> = {
  create: "CREA",
  create2: "CREA",
  createContainer: "CREA",
  createTtl: "CREA",
  delete: "DELE",
  exists: "EXIS",
  getData: "GETD",
  setData: "SETD",
  getAcl: "GETA",
  setAcl: "SETA",
  getChildren: "GETC",
  getChildren2: "GETC",
  sync: "SYNC",
  multi: "MULT",
  multiRead: "MLTR",
  addWatch: "ADDW",
  checkWatches: "CHKW",
  removeWatches: "REMW",
  getEphemerals: "GETE",
  getAllChildrenNumber: "GETACN",
  whoAmI: "HOMI",
  ping: "PING",
  setWatches: "SETW",
  setWatches2: "STW2",
};

/** A change that was refused has no name. */
const changes: ReadonlySet<string> = new Set(["CREA", "DELE", "SETD", "SETA"]);

export function lastOperation(operation: WireOp | "unknown", err: number): string {
  const name = operation === "unknown" ? undefined : names[operation];
  return name === undefined || (err !== 0 && changes.has(name)) ? "NA" : name;
}
