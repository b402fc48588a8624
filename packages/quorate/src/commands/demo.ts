import type { Client } from "@quorate/core";
import type { Command } from "commander";
import { doing, serverCommand } from "../shared/command.ts";
import { type ConnectionOptions, connectOptionsOf, withClient } from "../shared/connection.ts";
import { loadTesting } from "../shared/load-testing.ts";
import type { Run } from "../shared/run.ts";

const sessionTimeoutMs = 2000;

export function demo(): Command {
  const command = serverCommand({
    name: "demo",
    summary: "See it work: processes that share a lock, a leader, a setting, a service",
    details:
      "About 20 seconds. On a server embedded in this process, or, with --connect or QUORATE_CONNECT, on real servers: below a znode of its own, which is removed afterwards. Status 0 if everything came to pass.",
    examples: [
      ["demo", "with nothing but Node.js"],
      ["demo --connect 127.0.0.1:2181", "on real servers"],
      ["demo | cat", "as plain lines"],
    ],
  });
  return doing<[], ConnectionOptions>(command, async (run, _args, options) => {
    const isAsked = command.getOptionValueSource("connect") !== "default";
    if (isAsked) return play(run, options);
    const { EmbeddedServer } = await loadTesting();
    await using server = await EmbeddedServer.start({ tickTimeMs: 200 });
    run.out.note(`on a server embedded in this process, ${server.connectString}: in memory, for development and tests`);
    await play(run, { ...options, connect: server.connectString });
    run.out.note(
      "that was on the embedded server; on real ones: quorate ensemble up, then quorate demo --connect 127.0.0.1:2181",
    );
  });
}

async function play(run: Run, options: ConnectionOptions): Promise<void> {
  const { tellStory } = await import("../demo/story.ts");
  const connectOptions = { sessionTimeoutMs, ...(await connectOptionsOf(options)) };
  const common = { out: run.out, servers: options.connect, connectOptions, signal: run.signal };
  await withClient(
    run,
    options,
    async (client) => {
      const { path: root } = await client.create("/quorate-demo-", null, { mode: "persistent-sequential" });
      try {
        await tellStory({ ...common, client, root });
      } finally {
        await removeAll(client, root);
      }
    },
    { sessionTimeoutMs },
  );
}

/** Ephemeral znodes of the process that was killed may still be there, and go meanwhile. */
async function removeAll(client: Client, root: string): Promise<void> {
  await client.delete(root, { recursive: true });
}
