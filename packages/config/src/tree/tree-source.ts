import type { CachedNode, TreeCache } from "@quorate/core";
import type { Origin } from "../publication/origin.ts";
import type { Candidate } from "../publication/publication.ts";
import type { ZnodeCache } from "../publication/znode-cache.ts";
import type { Format, Reading } from "../schema/format.ts";
import type { ConfigIssue } from "../schema/issue.ts";
import type { SnapshotNode } from "../snapshot/snapshot-record.ts";
import { copyOf } from "../values/copy.ts";
import { dateOf } from "../wall-clock.ts";
import { type DecodedNodes, isConfig, layerValue } from "./layer.ts";
import { merged } from "./merge.ts";

/** Where a version of a tree is from: `mzxid`, `time` and `version` are those of the znode that was changed last of those that are there. */
export interface TreeOrigin extends Origin {
  readonly version: number;
}

type Node = SnapshotNode | CachedNode;

/** From znodes to one value. */
export class TreeSource<Value> {
  readonly #roots: readonly string[];
  readonly #format: Format<Value>;
  readonly #standIn: unknown;
  /** What has not changed is not decoded again. */
  readonly #decoded = new WeakMap<Node, Reading<unknown>>();

  /** @param standIn the lowest layer */
  constructor(roots: readonly string[], format: Format<Value>, standIn: unknown) {
    this.#roots = roots;
    this.#format = format;
    this.#standIn = copyOf(standIn);
  }

  candidateOf(caches: readonly ZnodeCache[]): Candidate<Value, TreeOrigin> {
    const layers = this.#roots.map((root, index) =>
      [...(caches[index] as TreeCache).entries()].map(([, node]) => node).filter(({ path }) => isConfig(root, path)),
    );
    return this.#candidate(layers, { source: "server", stale: false, ageMs: 0 });
  }

  fromSnapshot(nodes: readonly SnapshotNode[], ageMs: number): Candidate<Value, TreeOrigin> {
    const layers = this.#roots.map((root) => nodes.filter(({ path }) => isWithin(root, path)));
    return this.#candidate(layers, { source: "snapshot", stale: true, ageMs });
  }

  #candidate(
    layers: readonly (readonly Node[])[],
    from: Pick<TreeOrigin, "source" | "stale" | "ageMs">,
  ): Candidate<Value, TreeOrigin> {
    const nodes = [...new Map(layers.flat().map((node) => [node.path, node])).values()];
    const newest = nodes.reduce<Node | undefined>(
      (found, node) => (found === undefined || node.stat.mzxid > found.stat.mzxid ? node : found),
      undefined,
    );
    const { mzxid = 0n, version = -1, mtime } = newest?.stat ?? {};
    return {
      read: () => this.#read(layers),
      from: { ...from, mzxid, version, time: mtime === undefined ? undefined : dateOf(mtime) },
      key: nodes.map(({ path, stat }) => `${path} ${stat.czxid}/${stat.mzxid}`).join("\n") || "none",
      nodes,
    };
  }

  async #read(layers: readonly (readonly Node[])[]): Promise<Reading<Value>> {
    if (this.#standIn === undefined && layers.every((nodes) => nodes.length === 0)) return { kind: "missing" };
    const issues: ConfigIssue[] = [];
    const values: unknown[] = [this.#standIn];
    for (const [index, root] of this.#roots.entries()) {
      const nodes = await this.#decode(layers[index] ?? []);
      values.push(layerValue(root, nodes, issues));
    }
    if (issues.length > 0) return { kind: "invalid", reason: "undecodable", issues };
    return this.#format.validate(merged(values) ?? {});
  }

  async #decode(nodes: readonly Node[]): Promise<DecodedNodes> {
    const decoded = nodes.map(async (node) => {
      const data = this.#decoded.get(node) ?? (await this.#format.decode(node.data));
      this.#decoded.set(node, data);
      return [node.path, { node, data }] as const;
    });
    return new Map(await Promise.all(decoded));
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root === "/" ? "/" : `${root}/`);
}
