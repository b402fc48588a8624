import { type CreateRequest, type CreateTtlRequest, ErrorCode, Permission } from "@quorate/protocol";
import { shared } from "../acl/well-known.ts";
import type { ServerState } from "../server-state.ts";
import { container, type Lifetime, persistent } from "../tree/lifetime.ts";
import { parentOf } from "../tree/paths.ts";
import type { Transaction, Znode } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { checkHasParent, checkPath, existing } from "./checks.ts";
import { type CreateFlags, createFlags, sequenceSuffix } from "./create-mode.ts";
import { Refusal } from "./refusal.ts";

/** What of a stat's owner is left for the time to live: 40 bits. */
const maxTtlMs = (1n << 40n) - 1n;

export type Creation =
  | { readonly op: "create" | "create2" | "createContainer"; readonly request: CreateRequest }
  | { readonly op: "createTtl"; readonly request: CreateTtlRequest };

export interface Created {
  readonly path: string;
  readonly node: Znode;
}

/** Checks in ZooKeeper's order (PrepRequestProcessor): of several faults, that decides which one is told. */
export function create(server: ServerState, caller: Caller, creation: Creation, transaction: Transaction): Created {
  const { request } = creation;
  const flags = createFlags(request.flags);
  const ttlMs = creation.op === "createTtl" ? creation.request.ttl : -1n;
  if (flags.isTtl ? ttlMs <= 0n || ttlMs > maxTtlMs : creation.op === "createTtl") {
    throw new Refusal(ErrorCode.BAD_ARGUMENTS);
  }
  checkHasParent(request.path);
  const acl = server.access.resolve(request.acl, caller.identities);
  const parent = existing(server, parentOf(request.path));
  server.access.check(parent.acl, Permission.create, caller.identities);
  const path = flags.isSequential ? request.path + sequenceSuffix(parent.creations) : request.path;
  checkPath(path);
  if (server.tree.get(path) !== undefined) throw new Refusal(ErrorCode.NODE_EXISTS);
  if (parent.lifetime.kind === "ephemeral") throw new Refusal(ErrorCode.NO_CHILDREN_FOR_EPHEMERALS);
  const lifetime = lifetimeOf(creation.op, flags, caller, ttlMs);
  const node = server.tree.create(path, { data: request.data, acl: shared(acl), lifetime }, transaction);
  return { path, node };
}

/** The operation decides, not the flags: a plain create with the flag of a container makes an ordinary znode. */
function lifetimeOf(op: Creation["op"], flags: CreateFlags, caller: Caller, ttlMs: bigint): Lifetime {
  if (op === "createContainer") return container;
  if (op === "createTtl") return { kind: "ttl", ttlMs: Number(ttlMs) };
  return flags.isEphemeral ? { kind: "ephemeral", sessionId: caller.session.id } : persistent;
}
