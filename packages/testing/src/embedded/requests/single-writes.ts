import { ErrorCode, Permission, type SetDataRequest, type StatReply, type VersionedRequest } from "@quorate/protocol";
import type { ServerState } from "../server-state.ts";
import { parentOf } from "../tree/paths.ts";
import type { Transaction } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { checkHasParent, checkPath, checkVersion, existing } from "./checks.ts";
import { Refusal } from "./refusal.ts";

export function deleteNode(
  server: ServerState,
  { identities }: Caller,
  { path, version }: VersionedRequest,
  transaction: Transaction,
): void {
  checkHasParent(path);
  if (server.tree.isOwn(path)) throw new Refusal(ErrorCode.BAD_ARGUMENTS);
  server.access.check(existing(server, parentOf(path)).acl, Permission.delete, identities);
  const node = existing(server, path);
  checkVersion(node.version, version);
  if (node.children.size > 0) throw new Refusal(ErrorCode.NOT_EMPTY);
  server.tree.delete(path, transaction);
}

export function setData(
  server: ServerState,
  { identities }: Caller,
  { path, data, version }: SetDataRequest,
  transaction: Transaction,
): StatReply {
  checkPath(path);
  const node = existing(server, path);
  server.access.check(node.acl, Permission.write, identities);
  checkVersion(node.version, version);
  return { stat: server.tree.setData(path, data, transaction).stat() };
}

/** That a znode is there, readable, and in a version: what makes a transaction conditional. */
export function checkNode(server: ServerState, { identities }: Caller, { path, version }: VersionedRequest): void {
  checkPath(path);
  const node = existing(server, path);
  server.access.check(node.acl, Permission.read, identities);
  checkVersion(node.version, version);
}
