/** What recipes are made of. For recipe authors: applications use `@quorate/core` and the recipe packages. */
export { Bell } from "./bounds/bell.ts";
export { type Bounds, bounded, clampDelay, type Subject, within } from "./bounds/bounded.ts";
export { Latest } from "./bounds/latest.ts";
export { onAbort } from "./bounds/on-abort.ts";
export { stoppable } from "./bounds/stoppable.ts";
export { EphemeralNode } from "./keep/ephemeral-node.ts";
export type { HealthAnswer, HealthCheck, HealthCheckOptions } from "./keep/health-check.ts";
export type { KeepMode, KeepOptions } from "./keep/keep-options.ts";
export type { AbsenceReason, NodeState } from "./keep/node-state.ts";
export { deleteOwn } from "./lease/delete-own.ts";
export { JointLease } from "./lease/joint-lease.ts";
export { NodeLease, type NodeLeaseOptions, type SuspendedPolicy } from "./lease/node-lease.ts";
export { bytesOf } from "./operations/data.ts";
export type { Chroot } from "./paths/chroot.ts";
export { joinPath, nodeName, parentPath, validatePath } from "./paths/path.ts";
export { DeletionWatch } from "./recipe/deletion-watch.ts";
export { isFinalRefusal } from "./recipe/final-refusal.ts";
export { overLoss } from "./recipe/over-loss.ts";
export { pause } from "./recipe/pause.ts";
export {
  isFirst,
  type LineUpOptions,
  type ListedPlace,
  lineUp,
  type Place,
  type Turn,
  untilFirst,
} from "./recipe/place.ts";
export { requireCapability } from "./recipe/require-capability.ts";
export { type Contender, inOrder, type Standing, type WaitingLine } from "./recipe/waiting-line.ts";
export { watchOnce } from "./recipe/watch-once.ts";
export type { OneShot, OneShotKind, OneShotReplies } from "./watch/one-shot.ts";
