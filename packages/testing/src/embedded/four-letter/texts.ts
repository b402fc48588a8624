import { arch, homedir, hostname, platform, release, tmpdir, userInfo } from "node:os";
import { mode, type ServerReport, version } from "./server-report.ts";

/** ZooKeeper counts the root twice: under its own name and under the empty one. */
function nodeCount({ state }: ServerReport): number {
  return state.tree.nodes.size + 1;
}

/** `srvr`; `stat` with what is said of the clients. */
export function summary(report: ServerReport, clients: readonly string[]): readonly string[] {
  const { state, traffic, connections } = report;
  return [
    `Zookeeper version: ${version}`,
    ...(report.isReadOnly ? ["READ-ONLY mode; serving only read-only clients"] : []),
    ...clients,
    "Latency min/avg/max: 0/0.0/0",
    `Received: ${traffic.received}`,
    `Sent: ${traffic.sent}`,
    `Connections: ${connections.length}`,
    "Outstanding: 0",
    `Zxid: 0x${state.lastZxid.toString(16)}`,
    `Mode: ${mode(report)}`,
    `Node count: ${nodeCount(report)}`,
  ];
}

/** `mntr`. */
export function statistics(report: ServerReport): readonly string[] {
  const { state, traffic, connections, dropped } = report;
  let [dataSize, ephemerals] = [0, 0];
  for (const [path, { data }] of state.tree.nodes) dataSize += path.length + (data?.length ?? 0);
  for (const paths of state.tree.lifetimes.ephemerals.values()) ephemerals += paths.size;
  const values: Record<string, string | number> = {
    version,
    server_state: mode(report),
    ephemerals_count: ephemerals,
    num_alive_connections: connections.length,
    avg_latency: "0.0",
    outstanding_requests: 0,
    znode_count: nodeCount(report),
    global_sessions: state.sessions.all.size,
    packets_sent: traffic.sent,
    packets_received: traffic.received,
    watch_count: state.watches.size,
    auth_failed_count: dropped.auth,
    min_latency: 0,
    max_latency: 0,
    approximate_data_size: dataSize,
    local_sessions: 0,
    uptime: Math.floor(report.uptimeMs),
    connection_drop_count: Object.values(dropped).reduce((sum, count) => sum + count, 0) - dropped.closed,
    stale_sessions_expired: dropped.expired,
    sessionless_connections_expired: dropped["half-open"],
  };
  return Object.entries(values).map(([name, value]) => `zk_${name}\t${value}`);
}

/** `conf`. */
export function configuration(report: ServerReport): readonly string[] {
  return [
    `clientPort=${report.port}`,
    "secureClientPort=-1",
    "dataDir=(in memory)",
    "dataDirSize=0",
    "dataLogDir=(in memory)",
    "dataLogSize=0",
    `tickTime=${report.tickTimeMs}`,
    "maxClientCnxns=0",
    `minSessionTimeout=${report.minSessionTimeoutMs}`,
    `maxSessionTimeout=${report.maxSessionTimeoutMs}`,
    "clientPortListenBacklog=-1",
    "serverId=0",
  ];
}

/** `envi`. */
export function environment(): readonly string[] {
  return [
    "Environment:",
    `zookeeper.version=${version}`,
    `host.name=${hostname()}`,
    `node.version=${process.version}`,
    `java.io.tmpdir=${tmpdir()}`,
    `os.name=${platform()}`,
    `os.arch=${arch()}`,
    `os.version=${release()}`,
    `user.name=${userInfo().username}`,
    `user.home=${homedir()}`,
    `user.dir=${process.cwd()}`,
  ];
}
