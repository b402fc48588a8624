/** What recipes are made of. For recipe authors: applications use `@quorate/core` and the recipe packages. */
export { type Bounds, bounded, within } from "./bounds/bounded.ts";
export { deleteOwn } from "./lease/delete-own.ts";
export { NodeLease, type NodeLeaseOptions, type SuspendedPolicy } from "./lease/node-lease.ts";
export { joinPath, nodeName, parentPath, validatePath } from "./paths/path.ts";
export { DeletionWatch } from "./recipe/deletion-watch.ts";
export { overLoss } from "./recipe/over-loss.ts";
export { watchOnce } from "./recipe/watch-once.ts";
