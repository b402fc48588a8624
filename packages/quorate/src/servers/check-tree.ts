import type { Client } from "@quorate/core";
import { safeLine } from "../shared/safe-text.ts";
import { hex, kindOf } from "../shared/stat-text.ts";
import { readSubtree, type SubtreeNode } from "../shared/subtree.ts";
import { type Finding, ok, problem, warning } from "./checks.ts";

export interface TreeCheckOptions {
  readonly root: string;
  readonly maxNodes: number;
  readonly largeBytes: number;
  readonly signal: AbortSignal;
}

const manyChildren = 10_000;
const shownAtMost = 10;

/** How Curator's, kazoo's, Go's and our own contenders are named: for locks, read-write locks, semaphores, elections. */
const contenderName = /(?:^|-)(?:lock-|latch-|lease-|__READ__|__WRIT__|__lock__|__rlock__)-?\d{10}$/;

/** Contenders nobody will remove, and znodes that come near what servers and clients can take. */
export async function checkTree(client: Client, options: TreeCheckOptions): Promise<Finding[]> {
  const { root, maxNodes, signal } = options;
  if ((await client.exists(root, { signal })) === undefined)
    return [problem("tree", `there is no ${safeLine(root)}`, "correct --path")];
  let forbidden = 0;
  const onForbidden = (): void => void forbidden++;
  const nodes = await readSubtree(client, root, { maxNodes, onForbidden, signal });
  const extent = `${nodes.length} znodes looked at${forbidden === 0 ? "" : `, ${forbidden} may not be read`}`;
  const findings = [...orphans(nodes), ...oversized(nodes, options.largeBytes)];
  const bound =
    nodes.length < maxNodes
      ? []
      : [warning("tree", `stopped at ${maxNodes} znodes`, "--max-nodes for more, --path for a part")];
  return [
    ...findings,
    ...bound,
    ...(findings.length === 0 ? [ok("tree", `${extent}: no orphaned contenders, none oversized`)] : []),
  ];
}

function orphans(nodes: readonly SubtreeNode[]): Finding[] {
  const contenders = nodes.filter(({ path }) => contenderName.test(path));
  const isLasting = ({ stat }: SubtreeNode): boolean => kindOf(stat) !== "ephemeral";
  const lasting = contenders.filter(isLasting);
  const places = new Map<string, string[]>();
  for (const { path, stat } of contenders.filter((node) => !isLasting(node))) {
    const place = `${path.slice(0, path.lastIndexOf("/"))} ${hex(stat.ephemeralOwner)}`;
    places.set(place, [...(places.get(place) ?? []), path]);
  }
  const repeated = [...places].filter(([, paths]) => paths.length > 1);
  return [
    ...some(lasting, ({ path }) =>
      problem(
        "contenders",
        `${safeLine(path)} is not ephemeral and blocks everyone behind it for good`,
        "delete it, if nobody holds it on purpose",
      ),
    ),
    ...some(repeated, ([place, paths]) => {
      const [directory = "", session = ""] = place.split(" ");
      return warning(
        "contenders",
        `session ${session} stands ${paths.length} times in line at ${safeLine(directory)}`,
        "a leaked attempt, unless that process asks for it more than once on purpose",
      );
    }),
  ];
}

function oversized(nodes: readonly SubtreeNode[], largeBytes: number): Finding[] {
  const large = nodes
    .filter(({ stat }) => stat.dataLength >= largeBytes)
    .sort((a, b) => b.stat.dataLength - a.stat.dataLength);
  const crowded = nodes.filter(({ stat }) => stat.numChildren >= manyChildren);
  return [
    ...some(large, ({ path, stat }) =>
      warning(
        "sizes",
        `${safeLine(path)} holds ${stat.dataLength} bytes`,
        "servers refuse 1 MB (jute.maxbuffer) and every change is sent to all: keep large data elsewhere",
      ),
    ),
    ...some(crowded, ({ path, stat }) =>
      warning(
        "sizes",
        `${safeLine(path)} has ${stat.numChildren} children`,
        "their list has to fit into 1 MB: spread them over several parents",
      ),
    ),
  ];
}

function some<T>(items: readonly T[], finding: (item: T) => Finding): Finding[] {
  const shown = items.slice(0, shownAtMost).map(finding);
  const last = shown.at(-1);
  if (items.length <= shownAtMost || last === undefined) return shown;
  return [...shown, { ...last, found: `and ${items.length - shownAtMost} more` }];
}
