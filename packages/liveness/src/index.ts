export type { LifeStatus, Liveness } from "./alive/lives.ts";
export { type WatchAliveOptions, watchAlive } from "./alive/watch-alive.ts";
export { Group } from "./group/group.ts";
export type { GroupEvent, Member } from "./group/member.ts";
export type { HealthAnswer, HealthCheck } from "./health/health-check.ts";
export { EphemeralNode } from "./node/ephemeral-node.ts";
export type { KeepMode, KeepOptions } from "./node/keep-options.ts";
export type { AbsenceReason, NodeState } from "./node/node-state.ts";
