export { type ReadyOptions, ZooKeeperEnsemble } from "./ensemble/ensemble.ts";
export type { EnsembleMember, MemberMode, MemberStatus } from "./ensemble/ensemble-member.ts";
export type { ServerMode } from "./ensemble/four-letter-word.ts";
export type { EnsembleOptions, EnsembleProvider, EnsembleTls, MemberRole } from "./ensemble/options.ts";
export { EnsembleError } from "./errors.ts";
export { FaultProxy, type FaultProxyOptions, type ProxyMode } from "./proxy/fault-proxy.ts";
export type { ProxyTarget } from "./proxy/proxied-connection.ts";
export type { ProxyStats } from "./proxy/proxy-stats.ts";
export type { ReplyDrop, ReplyDropState, ReplyMatch, WireOp } from "./proxy/reply-drop.ts";
