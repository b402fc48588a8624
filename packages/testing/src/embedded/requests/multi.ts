import { CreateMode, ErrorCode, type MultiOperation, type MultiReply, type MultiResult } from "@quorate/protocol";
import type { ServerState } from "../server-state.ts";
import type { Transaction } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { type Creation, create } from "./create.ts";
import { Malformed } from "./malformed.ts";
import { Refusal } from "./refusal.ts";
import { checkNode, deleteNode, setData } from "./single-writes.ts";

/** All or nothing. A member that is refused is told by its result: the reply itself is none of an error. */
export function multi(
  server: ServerState,
  caller: Caller,
  { operations }: { readonly operations: readonly MultiOperation[] },
  transaction: Transaction,
): MultiReply {
  let at = 0;
  try {
    const results = server.tree.atomically(() =>
      operations.map((operation, index) => {
        at = index;
        return apply(server, caller, operation, transaction);
      }),
    );
    return { results };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { results: operations.map((_, index) => failed(index, at, error.errorCode)) };
  }
}

/** Those before the one that failed have an error too, which says that they had none. */
function failed(index: number, at: number, errorCode: number): MultiResult {
  if (index === at) return { op: "error", err: errorCode };
  return { op: "error", err: index < at ? 0 : ErrorCode.RUNTIME_INCONSISTENCY };
}

function apply(server: ServerState, caller: Caller, operation: MultiOperation, transaction: Transaction): MultiResult {
  switch (operation.op) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTtl":
      return createMember(server, caller, operation, transaction);
    case "delete":
      deleteNode(server, caller, operation, transaction);
      return { op: "delete" };
    case "setData":
      return { op: "setData", ...setData(server, caller, operation, transaction) };
    case "check":
      checkNode(server, caller, operation);
      return { op: "check" };
  }
}

/** Within a multi the flags decide what is made, whatever the operation is called, and only containers and TTL nodes tell their stat. */
function createMember(
  server: ServerState,
  caller: Caller,
  operation: Extract<MultiOperation, { op: `create${string}` }>,
  transaction: Transaction,
): MultiResult {
  const creation = creationOf(operation);
  const { path, node } = create(server, caller, creation, transaction);
  return creation.op === "create" ? { op: "create", path } : { op: "create2", path, stat: node.stat() };
}

function creationOf(operation: Extract<MultiOperation, { op: `create${string}` }>): Creation {
  const { flags } = operation;
  if (flags === CreateMode.persistentWithTtl || flags === CreateMode.persistentSequentialWithTtl) {
    if (operation.op !== "createTtl") throw new Malformed();
    return { op: "createTtl", request: operation };
  }
  return { op: flags === CreateMode.container ? "createContainer" : "create", request: operation };
}
