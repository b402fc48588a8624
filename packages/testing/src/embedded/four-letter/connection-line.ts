import type { ServedClient } from "../connection/served-client.ts";

/** One connection as `stat` and `cons` show it. */
export function connectionLine({ remote, session, traffic }: ServedClient, detail: "brief" | "full"): string {
  const start = ` /${remote}[${session === undefined ? 0 : 1}](queued=0,recved=${traffic.received},sent=${traffic.sent}`;
  if (detail === "brief" || session === undefined) return `${start})`;
  const fields = [
    `sid=0x${session.id.toString(16)}`,
    `lop=${traffic.lastOperation}`,
    `est=${traffic.establishedAt}`,
    `to=${session.timeoutMs}`,
    ...(traffic.lastXid >= 0 ? [`lcxid=0x${traffic.lastXid.toString(16)}`] : []),
    `lzxid=0x${traffic.lastZxid.toString(16)}`,
    `lresp=${traffic.lastReplyAt}`,
    "llat=0,minlat=0,avglat=0.0,maxlat=0",
  ];
  return `${start},${fields.join(",")})`;
}
