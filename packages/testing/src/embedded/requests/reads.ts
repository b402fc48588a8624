import {
  AddWatchMode,
  defaultMaxFrameBytes,
  ErrorCode,
  type GetAclReply,
  type GetChildren2Reply,
  type GetDataReply,
  type MultiReadOperation,
  type MultiResult,
  type OperationTypes,
  Permission,
  type RemoveWatchesRequest,
  type StatReply,
  type WatchableRequest,
  WatcherType,
} from "@quorate/protocol";
import { withoutDigests } from "../acl/access-control.ts";
import type { ServerState } from "../server-state.ts";
import { walk } from "../tree/walk.ts";
import type { Znode } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { existing } from "./checks.ts";
import { Malformed } from "./malformed.ts";
import { Refusal } from "./refusal.ts";

type ReadName =
  | "exists"
  | "getData"
  | "getChildren"
  | "getChildren2"
  | "getAcl"
  | "getAllChildrenNumber"
  | "getEphemerals"
  | "multiRead"
  | "sync"
  | "whoAmI"
  | "addWatch"
  | "checkWatches"
  | "removeWatches";

type ReadHandler<Name extends ReadName> = (
  server: ServerState,
  caller: Caller,
  request: OperationTypes[Name]["request"],
) => OperationTypes[Name]["reply"];

function readable(server: ServerState, { identities }: Caller, path: string): Znode {
  const node = existing(server, path);
  server.access.check(node.acl, Permission.read, identities);
  return node;
}

/** The one read that leaves its watch even where it is refused: one waits for the znode to come. */
function exists(server: ServerState, { watcher }: Caller, { path, watch }: WatchableRequest): StatReply {
  if (path.includes("\0")) throw new Refusal(ErrorCode.BAD_ARGUMENTS);
  if (watch) server.watches.data.add(path, watcher, "one-shot");
  return { stat: existing(server, path).stat() };
}

function getData(server: ServerState, caller: Caller, { path, watch }: WatchableRequest): GetDataReply {
  const node = readable(server, caller, path);
  if (watch) server.watches.data.add(path, caller.watcher, "one-shot");
  return { data: node.data, stat: node.stat() };
}

function getChildren(server: ServerState, caller: Caller, { path, watch }: WatchableRequest): GetChildren2Reply {
  const node = readable(server, caller, path);
  if (watch) server.watches.children.add(path, caller.watcher, "one-shot");
  return { children: [...node.children], stat: node.stat() };
}

function getAcl(server: ServerState, { identities }: Caller, { path }: { readonly path: string }): GetAclReply {
  const node = existing(server, path);
  server.access.check(node.acl, Permission.read | Permission.admin, identities);
  const acl = server.access.permits(node.acl, Permission.admin, identities) ? node.acl : withoutDigests(node.acl);
  return { acl, stat: node.stat() };
}

/** Without watches, whatever the operation says. */
function readOne(server: ServerState, caller: Caller, { op, path }: MultiReadOperation): MultiResult {
  try {
    const request = { path, watch: false };
    if (op === "getData") return { op, ...getData(server, caller, request) };
    return { op, children: getChildren(server, caller, request).children };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { op: "error", err: error.errorCode };
  }
}

/** A small request can ask for the same large znode again and again: the answer is bounded all the same. */
function readAll(server: ServerState, caller: Caller, operations: readonly MultiReadOperation[]): MultiResult[] {
  const results: MultiResult[] = [];
  let bytes = 0;
  for (const operation of operations) {
    const result = readOne(server, caller, operation);
    if (result.op === "getData") bytes += result.data?.length ?? 0;
    else if (result.op === "getChildren") for (const name of result.children) bytes += name.length;
    if (bytes > defaultMaxFrameBytes) throw new Malformed();
    results.push(result);
  }
  return results;
}

function count(server: ServerState, path: string): number {
  if (path === "") return server.tree.nodes.size;
  let total = -1;
  for (const _ of walk(server.tree.nodes, path)) total++;
  return total;
}

function checkWatcherType({ type }: RemoveWatchesRequest): void {
  if (!Object.values<number>(WatcherType).includes(type)) throw new Malformed();
}

/** Requests that change no znode and take no zxid. */
export const reads: { readonly [Name in ReadName]: ReadHandler<Name> } = {
  exists,
  getData,
  getChildren,
  getChildren2: getChildren,
  getAcl,
  getAllChildrenNumber: (server, caller, { path }) => {
    readable(server, caller, path);
    return { totalNumber: count(server, path) };
  },
  getEphemerals: (server, { session }, { prefixPath }) => {
    const all = [...server.tree.lifetimes.ephemeralsOf(session.id)];
    const isAll = ["", "/"].includes(prefixPath.trim());
    return { ephemerals: isAll ? all : all.filter((path) => path.startsWith(prefixPath)) };
  },
  multiRead: (server, caller, { operations }) => ({ results: readAll(server, caller, operations) }),
  sync: (_server, _caller, { path }) => ({ path }),
  whoAmI: (server, { identities }) => ({ clientInfo: server.access.clientInfo(identities) }),
  addWatch: (server, { watcher }, { path, mode }) => {
    if (mode === AddWatchMode.persistent) server.watches.addLasting(path, watcher, "persistent");
    else if (mode === AddWatchMode.persistentRecursive) server.watches.addLasting(path, watcher, "recursive");
    else throw new Malformed();
    return { err: 0 };
  },
  checkWatches: (server, _caller, request) => {
    checkWatcherType(request);
    if (!server.watches.contains(request.path, request.type)) throw new Refusal(ErrorCode.NO_WATCHER);
    return {};
  },
  removeWatches: (server, { watcher }, request) => {
    checkWatcherType(request);
    if (!server.watches.remove(request.path, request.type, watcher)) throw new Refusal(ErrorCode.NO_WATCHER);
    return {};
  },
};
