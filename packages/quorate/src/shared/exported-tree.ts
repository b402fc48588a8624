import { UsageError } from "./exit-status.ts";

export const exportFormat = "quorate-tree-1";

export interface ExportedNode {
  /** Relative to the root, without a leading slash; empty for the root itself. */
  readonly path: string;
  readonly kind?: "container";
  readonly data: string | null;
  /** Of `data`; UTF-8 text where there is none. */
  readonly encoding?: "base64";
  /** As the command `acl` shows them. */
  readonly acl?: readonly string[];
}

export interface ExportedTree {
  readonly format: typeof exportFormat;
  readonly root: string;
  /** Parents before their children. */
  readonly nodes: readonly ExportedNode[];
}

/** @throws UsageError naming what is wrong with it */
export function parseExportedTree(text: string): ExportedTree {
  let tree: Partial<ExportedTree> | null;
  try {
    tree = JSON.parse(text) as Partial<ExportedTree> | null;
  } catch (cause) {
    throw new UsageError("what is to be imported is not JSON", { cause });
  }
  if (tree?.format !== exportFormat || !Array.isArray(tree.nodes)) {
    throw new UsageError(`what is to be imported was not written by export: its format is not ${exportFormat}`);
  }
  for (const [index, node] of tree.nodes.entries()) checkNode(node, index);
  return tree as ExportedTree;
}

function checkNode(node: Partial<ExportedNode> | null, index: number): void {
  const isPath = typeof node?.path === "string" && !node.path.startsWith("/");
  const isData = node?.data === null || typeof node?.data === "string";
  const isEncoded = node?.encoding === undefined || node.encoding === "base64";
  const isAcl =
    node?.acl === undefined || (Array.isArray(node.acl) && node.acl.every((entry) => typeof entry === "string"));
  if (isPath && isData && isEncoded && isAcl) return;
  throw new UsageError(`node ${index} of what is to be imported is malformed`);
}

export function dataOf({ data, encoding }: ExportedNode): Uint8Array | null {
  return data === null ? null : Buffer.from(data, encoding === "base64" ? "base64" : "utf8");
}
