import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseCount } from "../shared/duration.ts";
import { dataInBrief, jsonData, safeLine } from "../shared/safe-text.ts";
import { kindOf } from "../shared/stat-text.ts";

interface Options {
  readonly depth?: number;
  readonly data?: true;
}

export function tree(): Command {
  const command = serverCommand(
    {
      name: "tree",
      arguments: [["[path]", "default /"]],
      summary: "Show a znode and everything below it",
      details:
        "Ephemeral znodes are marked *, containers /, those with a time to live ~. What may not be read is left out, with a warning.",
      examples: [
        ["tree /", "everything"],
        ["tree /services --depth 2 --data", "two levels, with the beginning of the data"],
      ],
    },
    (own) =>
      own
        .option("-d, --depth <levels>", "levels below the path (default: all)", parseCount)
        .option("--data", "the beginning of each znode's data"),
  );
  return doingConnected<[string?], Options>(command, async ({ client, out, signal }, [path = "/"], options) => {
    const { readSubtree } = await import("../shared/subtree.ts");
    const onForbidden = (hidden: string): void => out.warn(`${safeLine(hidden)} may not be read`);
    const reading = readSubtree(client, path, { maxDepth: options.depth, onForbidden, signal });
    const nodes = await out.progress(`reading ${path}`, reading);
    if (out.isJson) {
      const shown = nodes.map((node) => ({
        path: node.path,
        kind: kindOf(node.stat),
        version: node.stat.version,
        ...(options.data === true ? jsonData(node.data) : {}),
      }));
      return out.result(shown, () => {});
    }
    const branches = branchesOf(nodes.map(({ depth }) => depth));
    for (const [index, { path: at, data, stat }] of nodes.entries()) {
      const name = index === 0 ? at : at.slice(at.lastIndexOf("/") + 1);
      const mark = marks[kindOf(stat)];
      const text =
        options.data === true && data !== null && data.length > 0 ? `  ${out.colors.dim(dataInBrief(data))}` : "";
      out.line(`${branches[index] ?? ""}${safeLine(name)}${mark}${text}`);
    }
  });
}

const marks = { persistent: "", ephemeral: "*", container: "/", ttl: "~" } as const;

/** What stands before each name, from the depths of the nodes in the order of the tree. */
export function branchesOf(depths: readonly number[]): string[] {
  /** The depths at which a sibling follows further down, seen from the last line up. */
  const goesOn = new Set<number>();
  const branches: string[] = [];
  for (const depth of depths.toReversed()) {
    const bars = Array.from({ length: Math.max(0, depth - 1) }, (_, index) =>
      goesOn.has(index + 1) ? "│   " : "    ",
    );
    branches.push(depth === 0 ? "" : `${bars.join("")}${goesOn.has(depth) ? "├── " : "└── "}`);
    for (const deeper of goesOn) if (deeper > depth) goesOn.delete(deeper);
    goesOn.add(depth);
  }
  return branches.toReversed();
}
