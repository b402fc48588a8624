import { connect } from "@quorate/core";
import { markdownTable } from "markdown-table";
import { measure } from "../measure.ts";
import { entryOf } from "./entry.ts";
import { nodeHost } from "./hosts.ts";
import type { Memory } from "./memory.ts";

export interface CachedInstances extends Memory {
  readonly count: number;
}

/** The memory of each of many instances in a view that is read. */
export async function measureInstances(servers: string, basePath: string, count: number): Promise<CachedInstances> {
  await using client = await connect(servers);
  for (const [directory, instances] of Object.entries({ few: 1, many: count })) {
    const service = `${basePath}/${directory}/orders`;
    await client.create(service, null, { parents: true });
    await measure(instances, 100, (index) => client.create(`${service}/${index}`, entryOf(index)));
  }
  await using host = nodeHost("instances", "instances-host.ts", "--expose-gc");
  const memory = await host.ask<Memory>("keep", servers, basePath, count);
  await client.delete(basePath, { recursive: true });
  return { count, ...memory };
}

export function instanceTable({ count, heapBytes, rssBytes }: CachedInstances): string {
  const rows = [
    ["heap of each, bytes", heapBytes.toFixed(0)],
    ["resident memory of each, bytes", rssBytes.toFixed(0)],
  ];
  return markdownTable([[`${count} instances in a view`, ""], ...rows], { align: ["l", "r"] });
}
