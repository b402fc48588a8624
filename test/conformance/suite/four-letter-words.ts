import { openAcl } from "@quorate/core";
import { OpCode, type Operation, SetWatches2Request, SetWatchesRequest, Xid } from "@quorate/protocol";
import { ask } from "../../support/wire.ts";
import type { Wire, WireCase } from "../support/wire-case.ts";

/** What tools that watch over a server look for. */
const wanted = {
  mntr: [
    "zk_version",
    "zk_server_state",
    "zk_avg_latency",
    "zk_max_latency",
    "zk_min_latency",
    "zk_packets_received",
    "zk_packets_sent",
    "zk_num_alive_connections",
    "zk_outstanding_requests",
    "zk_znode_count",
    "zk_watch_count",
    "zk_ephemerals_count",
    "zk_approximate_data_size",
    "zk_global_sessions",
    "zk_local_sessions",
    "zk_uptime",
    "zk_auth_failed_count",
    "zk_connection_drop_count",
    "zk_stale_sessions_expired",
  ],
  conf: [
    "clientPort",
    "secureClientPort",
    "dataDir",
    "dataLogDir",
    "tickTime=500",
    "maxClientCnxns",
    "minSessionTimeout=1000",
    "maxSessionTimeout=10000",
    "clientPortListenBacklog",
    "serverId",
  ],
  envi: ["zookeeper.version", "host.name", "os.name", "os.arch", "os.version", "user.name", "user.home", "user.dir"],
} as const;

function server(wire: Wire): string {
  return wire.servers[0] as string;
}

/** Without what differs from server to server and from moment to moment. */
function shape(text: string): string {
  return text
    .replace(/^Proposal sizes.*\n/m, "")
    .replace(/^(Zookeeper version: ).*$/m, "$1some")
    .replace(/^Mode: \w+$/m, "Mode: some")
    .replaceAll(/0x[0-9a-f]+/g, "HEX")
    .replaceAll(/\d+\.\d+\.\d+\.\d+:\d+/g, "ADDRESS")
    .replaceAll(/(?<![\w.])\d+(\.\d+)?/g, "N");
}

export const fourLetterWords: readonly WireCase[] = [
  {
    name: "words with one answer",
    async run(wire) {
      for (const word of ["ruok", "isro", "ruok\n"]) wire.tell(`${word.trim()}: ${await ask(server(wire), word)}`);
    },
  },
  {
    name: "a word nobody knows gets no answer",
    async run(wire) {
      wire.tell(
        await ask(server(wire), "nope").then(
          (text) => text,
          () => "none",
        ),
      );
    },
  },
  {
    name: "srvr, stat and wchs",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      await connection.call({ op: "getData", path: wire.base, watch: true });
      wire.tell(shape(await ask(server(wire), "srvr")));
      const [version, clients, ...stat] = shape(await ask(server(wire), "stat")).split("\n");
      const lines = stat.filter((line) => line.startsWith(" /"));
      wire.tell([version, clients, ...new Set(lines)].join("\n"));
      wire.tell(stat.filter((line) => !line.startsWith(" /")).join("\n"));
      wire.tell(shape(await ask(server(wire), "wchs")));
    },
  },
  {
    name: "who watches what",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      await connection.call({ op: "getData", path: wire.base, watch: true });
      await connection.call({ op: "getChildren", path: wire.base, watch: true });
      connection.ask({ op: "exists", path: `${wire.base}/missing`, watch: true });
      await connection.next();
      const byPath = (await ask(server(wire), "wchp")).split(/\n(?=\/)/).filter((part) => part.includes(wire.base));
      for (const part of byPath.sort()) wire.tell(shape(part.trimEnd().replaceAll(wire.base, "/base")));
      const bySession = (await ask(server(wire), "wchc")).split(/\n(?=0x)/).filter((part) => part.includes(wire.base));
      for (const part of bySession)
        wire.tell(shape(part.trimEnd().replaceAll(wire.base, "/base").split("\n").sort().join("\n")));
    },
  },
  ...Object.entries(wanted).map(
    ([word, keys]): WireCase => ({
      name: `${word} has what one looks for`,
      async run(wire) {
        await wire.sessionWithRoot();
        const lines = (await ask(server(wire), word)).split("\n");
        for (const key of keys) {
          const isThere = lines.some(
            (line) => line === key || line.startsWith(`${key}=`) || line.startsWith(`${key}\t`),
          );
          wire.tell(`${key}: ${isThere ? "there" : "missing"}`);
        }
      },
    }),
  ),
  {
    name: "cons tells what a connection did last",
    async run(wire) {
      const connection = await wire.sessionWithRoot();
      const { base: path } = wire;
      const session = connection.sessionId.toString(16);
      const creation = { data: null, acl: openAcl, flags: 0 };
      const done: readonly Operation[] = [
        { op: "create", path: `${path}/1`, ...creation },
        { op: "create2", path: `${path}/2`, ...creation },
        { op: "createContainer", path: `${path}/3`, ...creation, flags: 4 },
        { op: "createTtl", path: `${path}/4`, ...creation, flags: 5, ttl: 1_000_000n },
        { op: "delete", path: `${path}/1`, version: -1 },
        { op: "exists", path, watch: false },
        { op: "getData", path, watch: false },
        { op: "setData", path, data: null, version: -1 },
        { op: "getAcl", path },
        { op: "setAcl", path, acl: openAcl, version: -1 },
        { op: "getChildren", path, watch: false },
        { op: "getChildren2", path, watch: false },
        { op: "sync", path },
        { op: "multi", operations: [{ op: "check", path, version: -1 }] },
        { op: "multiRead", operations: [{ op: "getData", path, watch: false }] },
        { op: "addWatch", path, mode: 0 },
        { op: "checkWatches", path, type: 3 },
        { op: "removeWatches", path, type: 3 },
        { op: "getEphemerals", prefixPath: path },
        { op: "getAllChildrenNumber", path },
        { op: "whoAmI" },
      ];
      const tellLast = async (what: string): Promise<void> => {
        const lines = (await ask(server(wire), "cons")).split("\n");
        const own = lines.find((line) => line.includes(`sid=0x${session},`)) ?? "not there";
        if (what === "create") wire.tell(shape(own).replace(/lop=\w+/, "lop=some"));
        wire.tell(`${what}: ${/lop=\w+/.exec(own)?.[0]}`);
      };
      for (const operation of done) {
        await connection.call(operation);
        await tellLast(operation.op);
      }
      connection.ask({ op: "getData", path: `${path}/missing`, watch: false });
      await connection.next();
      await tellLast("a refused getData");
      connection.ask({ op: "setData", path, data: null, version: 99 });
      await connection.next();
      await tellLast("a refused setData");
      connection.send(OpCode.ping, () => {}, Xid.ping);
      await connection.next();
      await tellLast("ping");
      const nothing = { relativeZxid: 0n, dataWatches: [], existWatches: [], childWatches: [] };
      connection.send(OpCode.setWatches, (writer) => SetWatchesRequest.write(writer, nothing), Xid.setWatches);
      await connection.next();
      await tellLast("setWatches");
      const lasting = { ...nothing, persistentWatches: [], persistentRecursiveWatches: [] };
      connection.send(OpCode.setWatches2, (writer) => SetWatches2Request.write(writer, lasting), Xid.setWatches);
      await connection.next();
      await tellLast("setWatches2");
    },
  },
];
