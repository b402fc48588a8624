import type { Stat } from "@quorate/protocol";

export function stat({ czxid, ephemeralOwner = 0n }: { czxid: number; ephemeralOwner?: bigint }): Stat {
  return {
    czxid: BigInt(czxid),
    mzxid: BigInt(czxid),
    pzxid: BigInt(czxid),
    ctime: 0n,
    mtime: 0n,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner,
    dataLength: 0,
    numChildren: 0,
  };
}
