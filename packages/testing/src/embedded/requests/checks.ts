import { ErrorCode } from "@quorate/protocol";
import type { ServerState } from "../server-state.ts";
import { isValidPath } from "../tree/paths.ts";
import type { Znode } from "../tree/znode.ts";
import { Refusal } from "./refusal.ts";

/** @throws Refusal BAD_ARGUMENTS */
export function checkPath(path: string): void {
  if (!isValidPath(path)) throw new Refusal(ErrorCode.BAD_ARGUMENTS);
}

/**
 * All that ZooKeeper looks at before it looks for the parent of a znode to be created or deleted.
 *
 * @throws Refusal BAD_ARGUMENTS
 */
export function checkHasParent(path: string): void {
  if (!path.includes("/") || path.includes("\0")) throw new Refusal(ErrorCode.BAD_ARGUMENTS);
}

/** @throws Refusal NO_NODE */
export function existing(server: ServerState, path: string): Znode {
  const node = server.tree.get(path);
  if (node === undefined) throw new Refusal(ErrorCode.NO_NODE);
  return node;
}

/**
 * @param asked -1 for any
 * @throws Refusal BAD_VERSION
 */
export function checkVersion(current: number, asked: number): void {
  if (asked !== -1 && asked !== current) throw new Refusal(ErrorCode.BAD_VERSION);
}
