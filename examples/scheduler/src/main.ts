import { connect } from "@quorate/core";
import { schedule } from "./scheduler.ts";

/** Two schedulers. Whichever leads shuts down after three runs, and the other goes on. */
export async function main(servers: string): Promise<void> {
  const schedulers = ["scheduler-1", "scheduler-2"].map(async (id) => {
    await using client = await connect(servers);
    const shutdown = new AbortController();
    let runs = 0;
    await schedule(client, {
      id,
      everyMs: 100,
      signal: shutdown.signal,
      task: (token) => {
        runs += 1;
        console.log(`${id} runs the task, fencing token ${token}`);
        if (runs === 3) shutdown.abort();
      },
    });
    console.log(`${id} has shut down`);
  });
  await Promise.all(schedulers);
}
