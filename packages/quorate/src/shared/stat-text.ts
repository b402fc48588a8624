import type { Stat } from "@quorate/core";
import { isoTime } from "./time.ts";

export type NodeKind = "persistent" | "ephemeral" | "container" | "ttl";

/** By the special owners of org.apache.zookeeper.server.EphemeralType. */
export function kindOf({ ephemeralOwner }: Stat): NodeKind {
  if (ephemeralOwner === 0n) return "persistent";
  const owner = BigInt.asUintN(64, ephemeralOwner);
  if (owner === 1n << 63n) return "container";
  return owner >> 56n === 0xffn ? "ttl" : "ephemeral";
}

export function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** For JSON: zxids as decimal strings, like fencing tokens; session ids as the servers' logs show them. */
export function statJson(stat: Stat): Record<string, unknown> {
  const kind = kindOf(stat);
  return {
    kind,
    czxid: stat.czxid,
    mzxid: stat.mzxid,
    pzxid: stat.pzxid,
    created: isoTime(Number(stat.ctime)),
    modified: isoTime(Number(stat.mtime)),
    version: stat.version,
    childrenVersion: stat.cversion,
    aclVersion: stat.aversion,
    ...(kind === "ephemeral" ? { session: hex(stat.ephemeralOwner) } : {}),
    dataLength: stat.dataLength,
    children: stat.numChildren,
  };
}

export function statRows(stat: Stat): readonly (readonly [string, string])[] {
  const kind = kindOf(stat);
  return [
    ["kind", kind === "ephemeral" ? `ephemeral, of session ${hex(stat.ephemeralOwner)}` : kind],
    ["created", `${isoTime(Number(stat.ctime))}  zxid ${hex(stat.czxid)}`],
    ["modified", `${isoTime(Number(stat.mtime))}  zxid ${hex(stat.mzxid)}`],
    ["children changed", `zxid ${hex(stat.pzxid)}`],
    ["version", `data ${stat.version}, children ${stat.cversion}, acl ${stat.aversion}`],
    ["data", `${stat.dataLength} bytes`],
    ["children", String(stat.numChildren)],
  ];
}
