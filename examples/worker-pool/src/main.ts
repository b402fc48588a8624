import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@quorate/core";
import { work } from "./worker.ts";

/** Three workers join one after the other and leave again: the partitions are shared out anew each time. */
export async function main(servers: string): Promise<void> {
  const workers = ["worker-1", "worker-2", "worker-3"].map((id) => {
    const shutdown = new AbortController();
    const run = async (): Promise<void> => {
      await using client = await connect(servers);
      await work(client, {
        id,
        partitions: 12,
        signal: shutdown.signal,
        onAssigned: (partitions) => console.log(`${id} has ${partitions.join(" ") || "nothing"}`),
      });
    };
    return { id, run, shutdown };
  });
  const running: Promise<void>[] = [];
  for (const { id, run } of workers) {
    console.log(`${id} starts`);
    running.push(run());
    await sleep(300);
  }
  for (const { id, shutdown } of workers) {
    console.log(`${id} stops`);
    shutdown.abort();
    await sleep(300);
  }
  await Promise.all(running);
}
