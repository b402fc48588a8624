import { createHash } from "node:crypto";
import type { CachedNode } from "@quorate/core";
import { dateOf } from "../wall-clock.ts";

/** What a snapshot belongs to: it serves nobody else. */
export interface Binding {
  readonly kind: "node" | "tree";
  readonly paths: readonly string[];
  readonly codec: string;
}

/** The znodes of one moment, none where there are none. */
export interface Snapshot {
  readonly savedAtMs: number;
  readonly nodes: readonly SnapshotNode[];
}

/** What is kept of a znode. */
export type SnapshotNode = Pick<CachedNode, "path" | "data"> & {
  readonly stat: Pick<CachedNode["stat"], "czxid" | "mzxid" | "version" | "mtime">;
};

const format = "quorate-config-snapshot/1";

/** Why a file is of no use, in words; shows nothing of its content. */
export type Offence = string;

export function textOf(binding: Binding, { savedAtMs, nodes }: Snapshot): string {
  const body = {
    format,
    ...binding,
    savedAt: dateOf(savedAtMs).toISOString(),
    savedAtMs,
    nodes: nodes.map(({ path, data, stat }) => ({
      path,
      data: data === null ? null : Buffer.from(data).toString("base64"),
      czxid: String(stat.czxid),
      mzxid: String(stat.mzxid),
      version: stat.version,
      mtime: String(stat.mtime),
    })),
  };
  return `${JSON.stringify({ sha256: digestOf(body), body }, undefined, 1)}\n`;
}

export function snapshotOf(binding: Binding, text: string): Snapshot | Offence {
  try {
    const { sha256, body } = JSON.parse(text) as { readonly sha256: unknown; readonly body: Body };
    if (body.format !== format) return "it is no snapshot of this format";
    if (sha256 !== digestOf(body)) return "it is corrupted";
    const { kind, paths, codec } = body;
    if (kind !== binding.kind || JSON.stringify(paths) !== JSON.stringify(binding.paths))
      return "it belongs to another path";
    if (codec !== binding.codec) return "it was written with another codec";
    return { savedAtMs: body.savedAtMs, nodes: body.nodes.map(nodeOf) };
  } catch {
    return "it is corrupted";
  }
}

interface Body extends Binding {
  readonly format: unknown;
  readonly savedAtMs: number;
  readonly nodes: readonly {
    readonly path: string;
    readonly data: string | null;
    readonly czxid: string;
    readonly mzxid: string;
    readonly version: number;
    readonly mtime: string;
  }[];
}

function nodeOf({ path, data, czxid, mzxid, version, mtime }: Body["nodes"][number]): SnapshotNode {
  const stat = { czxid: BigInt(czxid), mzxid: BigInt(mzxid), version, mtime: BigInt(mtime) };
  return { path, data: data === null ? null : Buffer.from(data, "base64"), stat };
}

function digestOf(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}
