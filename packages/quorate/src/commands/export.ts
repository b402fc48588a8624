import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { type ExportedNode, type ExportedTree, exportFormat } from "../shared/exported-tree.ts";
import { toJson } from "../shared/output.ts";
import { jsonData } from "../shared/safe-text.ts";
import { kindOf } from "../shared/stat-text.ts";

interface Options {
  readonly output?: string;
  readonly acl?: true;
  readonly ephemeral?: true;
}

export function exportTree(): Command {
  const command = serverCommand(
    {
      name: "export",
      arguments: [["[path]", "default /"]],
      summary: "Write a subtree as JSON",
      details:
        "Paths are relative to the one exported, so that import can put them elsewhere. Ephemeral znodes are left out unless asked for, and ZooKeeper's own below /zookeeper always. Not a snapshot: what changes meanwhile may be in or not.",
      examples: [
        ["export /config -o config.json", "for import"],
        ["export /config | jq '.nodes[].path'", "on stdout"],
      ],
    },
    (own) =>
      own
        .option("-o, --output <file>", "default stdout")
        .option("--acl", "with the access control lists")
        .option("--ephemeral", "ephemeral znodes too; import makes them persistent"),
  );
  return doingConnected<[string?], Options>(command, async ({ client, out, signal }, [root = "/"], options) => {
    const { readSubtree } = await import("../shared/subtree.ts");
    const { aclText } = await import("../shared/acl-text.ts");
    const found = await out.progress(`reading ${root}`, readSubtree(client, root, { signal }));
    const nodes: ExportedNode[] = [];
    for (const { path, data, stat } of found) {
      const kind = kindOf(stat);
      if (/^\/zookeeper(\/|$)/.test(path) || (kind === "ephemeral" && options.ephemeral !== true)) continue;
      const acl = options.acl === true ? { acl: (await client.getAcl(path, { signal })).acl.map(aclText) } : {};
      const relative = root === "/" ? path.slice(1) : path.slice(root.length + 1);
      nodes.push({ path: relative, ...(kind === "container" ? { kind } : {}), ...jsonData(data), ...acl });
    }
    const text = toJson({ format: exportFormat, root, nodes } satisfies ExportedTree, 2);
    if (options.output === undefined) out.line(text);
    else {
      await writeFile(options.output, `${text}\n`, { mode: 0o600 });
      out.note(`${nodes.length} znodes written to ${options.output}`);
    }
  });
}
