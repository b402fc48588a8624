export type { DropReason } from "./embedded/connection/drop-reason.ts";
export { EmbeddedServer, type EmbeddedServerStats } from "./embedded/embedded-server.ts";
export { EmbeddedServerError } from "./embedded/errors.ts";
export type { FailureMatch, FailureMoment } from "./embedded/faults/failures.ts";
export { LeakCheck, type LeakCheckOptions, type LeakSource } from "./embedded/harness/leak-check.ts";
export { LeakError } from "./embedded/harness/leak-error.ts";
export { TestZooKeeper, type TestZooKeeperOptions } from "./embedded/harness/test-zookeeper.ts";
export type { Leaks } from "./embedded/leaks.ts";
export type { EmbeddedServerOptions, EmbeddedServerTls } from "./embedded/options.ts";
export type { LifetimeSnapshot, TreeSnapshot, ZnodeSnapshot } from "./embedded/tree/snapshot.ts";
export { type ReadyOptions, ZooKeeperEnsemble } from "./ensemble/ensemble.ts";
export type { EnsembleMember, MemberMode, MemberStatus } from "./ensemble/ensemble-member.ts";
export type { ServerMode } from "./ensemble/four-letter-word.ts";
export { formatZooCfg, type PeerAddress } from "./ensemble/member-files.ts";
export type { EnsembleOptions, EnsembleProvider, EnsembleTls, MemberRole } from "./ensemble/options.ts";
export { standingSettings } from "./ensemble/standing/settings.ts";
export {
  StandingEnsemble,
  type StandingEnsembleOptions,
  type StandingMemberStatus,
} from "./ensemble/standing/standing-ensemble.ts";
export { EnsembleError } from "./errors.ts";
export { FaultProxy, type FaultProxyOptions, type ProxyMode } from "./proxy/fault-proxy.ts";
export type { ProxyTarget } from "./proxy/proxied-connection.ts";
export type { ProxyStats } from "./proxy/proxy-stats.ts";
export type { ReplyDrop, ReplyDropState, ReplyMatch, WireOp } from "./proxy/reply-drop.ts";
