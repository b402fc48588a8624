export {
  type AbsenceReason,
  EphemeralNode,
  type HealthAnswer,
  type HealthCheck,
  type HealthCheckOptions,
  type KeepMode,
  type KeepOptions,
  type NodeState,
} from "@quorate/core/recipe";
export type { LifeStatus, Liveness } from "./alive/lives.ts";
export { type WatchAliveOptions, watchAlive } from "./alive/watch-alive.ts";
export { Group } from "./group/group.ts";
export type { GroupEvent, Member } from "./group/member.ts";
