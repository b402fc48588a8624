import {
  type Create2Reply,
  ErrorCode,
  type OperationTypes,
  Permission,
  type SetAclRequest,
  type StatReply,
} from "@quorate/protocol";
import { shared } from "../acl/well-known.ts";
import type { ServerState } from "../server-state.ts";
import type { Transaction } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { checkPath, checkVersion, existing } from "./checks.ts";
import { type Created, create } from "./create.ts";
import { multi } from "./multi.ts";
import { Refusal } from "./refusal.ts";
import { deleteNode, setData } from "./single-writes.ts";

type WriteName =
  | "create"
  | "create2"
  | "createContainer"
  | "createTtl"
  | "delete"
  | "setData"
  | "setAcl"
  | "multi"
  | "reconfig";

type WriteHandler<Name extends WriteName> = (
  server: ServerState,
  caller: Caller,
  request: OperationTypes[Name]["request"],
  transaction: Transaction,
) => OperationTypes[Name]["reply"];

function setAcl(server: ServerState, { identities }: Caller, { path, acl, version }: SetAclRequest): StatReply {
  checkPath(path);
  const resolved = server.access.resolve(acl, identities);
  const node = existing(server, path);
  server.access.check(node.acl, Permission.admin, identities);
  checkVersion(node.aversion, version);
  return { stat: server.tree.setAcl(path, shared(resolved)).stat() };
}

function withStat({ path, node }: Created): Create2Reply {
  return { path, stat: node.stat() };
}

/** Requests that take a zxid, whether they are granted or not. */
export const writes: { readonly [Name in WriteName]: WriteHandler<Name> } = {
  create: (server, caller, request, transaction) => ({
    path: create(server, caller, { op: "create", request }, transaction).path,
  }),
  create2: (server, caller, request, transaction) =>
    withStat(create(server, caller, { op: "create2", request }, transaction)),
  createContainer: (server, caller, request, transaction) =>
    withStat(create(server, caller, { op: "createContainer", request }, transaction)),
  createTtl: (server, caller, request, transaction) =>
    withStat(create(server, caller, { op: "createTtl", request }, transaction)),
  delete: (server, caller, request, transaction) => {
    deleteNode(server, caller, request, transaction);
    return {};
  },
  setData,
  setAcl,
  multi,
  /** As a standalone server with the default configuration says. */
  reconfig: () => {
    throw new Refusal(ErrorCode.RECONFIG_DISABLED);
  },
};
