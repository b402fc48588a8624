import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { FaultProxy } from "@quorate/testing";
import { markdownTable } from "markdown-table";
import { median } from "../measure.ts";
import { nodeHost } from "./hosts.ts";

export interface Waiters {
  readonly count: number;
  /** Until all are in line and watch whom they wait for. */
  readonly linedUpMs: number;
  /** Of each waiter. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Of each release, to all sessions together: two where the next in line is in another session, as a holder watches its own znode too. */
  readonly watchEvents: number;
  readonly mostWatchEvents: number;
  /** From a release to the next one's lease, median. */
  readonly handOffMs: number;
}

const sessions = 10;
const releases = 100;

/** Many waiters in one process, through ten sessions, each behind a proxy that counts. */
export async function measureWaiters(server: string, path: string, count: number): Promise<Waiters> {
  const { hostname: host, port } = new URL(`tcp://${server}`);
  const listen = (): Promise<FaultProxy> => FaultProxy.listen({ target: { host, port: Number(port) } });
  const proxies = await Promise.all(Array.from({ length: sessions }, listen));
  await using waiting = nodeHost("waiters", "waiters-host.ts", "--expose-gc");
  await using client = await connect(server);
  const lease = await new Mutex(client, path).acquire();
  const servers = proxies.map(({ connectString }) => connectString).join(",");
  const line = await waiting.ask<{ elapsedMs: number; heapBytes: number; rssBytes: number }>(
    "wait",
    servers,
    path,
    count,
  );
  await Promise.all([lease.release(), waiting.ask("pass", servers, path)]);
  const events: number[] = [];
  const handOffs: number[] = [];
  const eventsSoFar = (): number => proxies.reduce((sum, proxy) => sum + proxy.stats().watchEvents, 0);
  for (let index = 0; index < releases; index++) {
    const before = eventsSoFar();
    const { elapsedMs } = await waiting.ask<{ elapsedMs: number }>("pass", servers, path);
    // Whatever else comes of this release.
    await client.sync(path);
    await new Promise((resolve) => setTimeout(resolve, 10));
    events.push(eventsSoFar() - before);
    handOffs.push(elapsedMs);
  }
  return {
    count,
    linedUpMs: line.elapsedMs,
    heapBytes: line.heapBytes,
    rssBytes: line.rssBytes,
    watchEvents: events.reduce((sum, each) => sum + each, 0) / releases,
    mostWatchEvents: Math.max(...events),
    handOffMs: median(handOffs),
  };
}

export function waiterTable(waiters: Waiters): string {
  const rows = [
    ["heap of each, bytes", waiters.heapBytes.toFixed(0)],
    ["resident memory of each, bytes", waiters.rssBytes.toFixed(0)],
    ["until all are in line, ms", waiters.linedUpMs.toFixed(0)],
    ["watch events of a release, to all sessions together", waiters.watchEvents.toFixed(2)],
    ["of any release, at most", String(waiters.mostWatchEvents)],
    ["hand-off, p50, ms", waiters.handOffMs.toFixed(2)],
  ];
  return markdownTable([[`${waiters.count} waiters for one lock`, ""], ...rows], { align: ["l", "r"] });
}
