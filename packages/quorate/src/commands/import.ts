import { type Client, NodeExistsError } from "@quorate/core";
import type { Command } from "commander";
import { readNamedFile } from "../shared/auth-file.ts";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";
import { dataOf, type ExportedNode, parseExportedTree } from "../shared/exported-tree.ts";
import { readStdin } from "../shared/input-data.ts";
import type { Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";
import { childPath } from "../shared/subtree.ts";

interface Options {
  readonly overwrite?: true;
  readonly skip?: true;
  readonly dryRun?: true;
}

type Done = "created" | "updated" | "unchanged" | "skipped";

export function importTree(): Command {
  const command = serverCommand(
    {
      name: "import",
      arguments: [
        ["<file>", "what export wrote; - for stdin"],
        ["[path]", "where to; default where it was exported from"],
      ],
      summary: "Create or update a subtree from JSON",
      details:
        "Makes what is missing, parents included. A znode with other data stops it (status 4) unless --overwrite or --skip is given; nothing is ever deleted. Not atomic: what was done before a failure stays done.",
      examples: [
        ["import config.json", "to where it was"],
        ["import config.json /staging/config --dry-run", "what would be done elsewhere"],
        ["export /a | quorate import - /b --overwrite", "copy a subtree"],
      ],
    },
    (own) =>
      own
        .option("--overwrite", "write znodes whose data differ")
        .option("--skip", "leave znodes alone whose data differ")
        .option("-n, --dry-run", "change nothing, say what would be done"),
  );
  return doingConnected<[string, string?], Options>(command, async (run, [file, target], options) => {
    const { out } = run;
    const content = file === "-" ? await readStdin() : await readNamedFile(file, "what is to be imported");
    const tree = parseExportedTree(content.toString("utf8"));
    const root = target ?? tree.root;
    const counts: Record<Done, number> = { created: 0, updated: 0, unchanged: 0, skipped: 0 };
    const writeAll = async (): Promise<void> => {
      for (const node of tree.nodes) {
        const path = node.path === "" ? root : childPath(root, node.path);
        const done = path === "/" ? "unchanged" : await put(run, path, node, options);
        counts[done]++;
        if (options.dryRun === true && done !== "unchanged") out.note(`${done} ${safeLine(path)}`);
      }
    };
    await out.progress(`importing ${tree.nodes.length} znodes`, writeAll());
    const dryRun = options.dryRun === true;
    const would = dryRun ? "dry run: " : "";
    const text = Object.entries(counts).map(([done, count]) => `${count} ${done}`);
    out.result({ root, dryRun, ...counts }, () => out.line(`${would}${text.join(", ")}`));
  });
}

async function put(
  run: Run & { readonly client: Client },
  path: string,
  node: ExportedNode,
  options: Options,
): Promise<Done> {
  const { client, signal } = run;
  const data = dataOf(node);
  const before = await client.exists(path, { signal });
  if (before === undefined) {
    if (options.dryRun === true) return "created";
    const { parseAclEntry } = await import("../shared/acl-text.ts");
    const acl = node.acl === undefined ? {} : { acl: node.acl.map(parseAclEntry) };
    try {
      await client.create(path, data, { signal, parents: true, mode: node.kind ?? "persistent", ...acl });
      return "created";
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
  }
  const { data: current, stat } = await client.get(path, { signal });
  if (isSame(current, data)) return "unchanged";
  if (options.skip === true) return "skipped";
  if (options.overwrite !== true) {
    throw new CommandError(`${safeLine(path)} has other data: --overwrite or --skip`, ExitStatus.conflict);
  }
  if (options.dryRun !== true) await client.set(path, data, { version: stat.version, signal });
  return "updated";
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : Buffer.from(a).equals(b);
}
