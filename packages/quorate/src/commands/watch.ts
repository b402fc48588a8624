import type { WatchMode, Znode } from "@quorate/core";
import { NoNodeError } from "@quorate/core";
import { type Command, Option } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { dataInBrief, jsonData, safeLine } from "../shared/safe-text.ts";
import { isoTime, timeOfDay, wallClockMs } from "../shared/time.ts";

interface Options {
  readonly mode: WatchMode;
  readonly data?: true;
}

export function watch(): Command {
  const command = serverCommand(
    {
      name: "watch",
      arguments: [["<path>", "need not exist yet"]],
      summary: "Follow what happens to a znode and below it",
      details:
        "Until Ctrl-C, over reconnects and lost sessions. resync tells that something may have been missed while the connection was away.",
      examples: [
        ["watch /services", "the whole subtree, live"],
        ["watch /config/app --mode node --data", "one znode, with what it holds now"],
        ["watch / --json | jq .path", "for programs: one document a line"],
      ],
    },
    (own) =>
      own
        .addOption(
          new Option("-m, --mode <mode>", "what to follow")
            .choices(["node", "children", "recursive"])
            .default("recursive"),
        )
        .option("--data", "read what was created or changed, and show it"),
  );
  return doingConnected<[string], Options>(command, async ({ client, out, signal }, [path], { mode, data }) => {
    const events = client.watch(path, { mode, signal });
    await events.ready;
    out.note(`watching ${safeLine(path)}; Ctrl-C ends it`);
    for await (const event of events) {
      const isWritten = event.type === "created" || event.type === "dataChanged";
      const node = data === true && isWritten ? await client.get(event.path, { signal }).catch(unlessGone) : undefined;
      const now = wallClockMs();
      const shown = {
        time: isoTime(now),
        type: event.type,
        path: event.path,
        ...(node === undefined ? {} : { ...jsonData(node.data), version: node.stat.version }),
      };
      const content = node === undefined ? "" : `  ${dataInBrief(node.data)}`;
      out.event(
        shown,
        `${out.colors.dim(timeOfDay(now))}  ${event.type.padEnd(15)}  ${safeLine(event.path)}${content}`,
      );
    }
  });
}

/** It went again before it could be read. */
function unlessGone(error: unknown): Znode | undefined {
  if (error instanceof NoNodeError) return undefined;
  throw error;
}
