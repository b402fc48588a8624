import type { Stat } from "@quorate/core";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { safeLine } from "../shared/safe-text.ts";
import { kindOf, statJson } from "../shared/stat-text.ts";
import { childPath } from "../shared/subtree.ts";
import { isoTime } from "../shared/time.ts";

interface Options {
  readonly long?: true;
}

export function ls(): Command {
  const command = serverCommand(
    {
      name: "ls",
      arguments: [["[path]", "default /"]],
      summary: "List the children of a znode",
      examples: [
        ["ls /services", "names, one a line"],
        ["ls -l /services", "with kind, version, size, children and time"],
        ["ls /services --json | jq -r '.[]'", "for programs"],
      ],
    },
    (own) => own.option("-l, --long", "what each of them is"),
  );
  return doingConnected<[string?], Options>(command, async ({ client, out, signal }, [path = "/"], { long }) => {
    const names = (await client.children(path, { signal })).sort();
    if (long !== true) {
      out.result(names, () => {
        for (const name of names) out.line(safeLine(name));
      });
      return;
    }
    const stats = await Promise.all(names.map((name) => client.exists(childPath(path, name), { signal })));
    const nodes = names.map((name, index) => ({ name, stat: stats[index] })).filter(isThere);
    if (out.isJson)
      return out.result(
        nodes.map(({ name, stat }) => ({ name, ...statJson(stat) })),
        () => {},
      );
    const rows = nodes.map(({ name, stat }) => [
      kindOf(stat),
      `v${stat.version}`,
      String(stat.dataLength),
      String(stat.numChildren),
      isoTime(Number(stat.mtime)),
      safeLine(name),
    ]);
    await out.table(["KIND", "VERSION", "BYTES", "CHILDREN", "MODIFIED", "NAME"], rows);
  });
}

function isThere(node: {
  readonly name: string;
  readonly stat: Stat | undefined;
}): node is { name: string; stat: Stat } {
  return node.stat !== undefined;
}
