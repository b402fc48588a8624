import {
  CheckVersionRequest,
  type Codec,
  OpCode,
  type OperationName,
  type OperationTypes,
  operations,
  SetWatches2Request,
  SetWatchesRequest,
  type VersionedRequest,
} from "@quorate/protocol";
import type { WireOp } from "../../proxy/reply-drop.ts";
import type { ServerState } from "../server-state.ts";
import type { Transaction } from "../tree/znode.ts";
import type { Caller } from "./caller.ts";
import { reads } from "./reads.ts";
import { checkNode } from "./single-writes.ts";
import { writes } from "./writes.ts";

/** One operation as the server carries it out; request and reply are of types only the command knows. */
export interface Command {
  readonly name: WireOp;
  readonly request: Codec<unknown>;
  readonly reply: Codec<unknown>;
  /** Takes a zxid, whether it is granted or not. */
  readonly isWrite: boolean;
  /** Whether a server cut off from its quorum does it. */
  readonly isForReadOnly: boolean;
  /** Undefined: no reply at all. */
  run(server: ServerState, caller: Caller, request: unknown, transaction: Transaction): unknown;
}

const nothing: Codec<unknown> = { read: () => ({}), write: () => {} };

type Handler<Request, Reply> = (
  server: ServerState,
  caller: Caller,
  request: Request,
  transaction: Transaction,
) => Reply;

function command<Name extends OperationName>(
  name: Name,
  isWrite: boolean,
  run: Handler<OperationTypes[Name]["request"], OperationTypes[Name]["reply"]>,
): Command {
  const { request, reply } = operations[name] as { request: Codec<unknown>; reply: Codec<unknown> };
  return { name, request, reply, isWrite, isForReadOnly: !isWrite && name !== "sync", run: run as Command["run"] };
}

/** What drivers send of their own accord. They are answered by a header alone. */
function own<Request>(name: WireOp, request: Codec<Request>, run: Handler<Request, void>): Command {
  const withoutBody: Command["run"] = (server, caller, value, transaction) => {
    run(server, caller, value as Request, transaction);
    return {};
  };
  return {
    name,
    request: request as Codec<unknown>,
    reply: nothing,
    isWrite: false,
    isForReadOnly: true,
    run: withoutBody,
  };
}

const noLastingWatches = { persistentWatches: [], persistentRecursiveWatches: [] };

/** A check on its own: granted, it is never answered up to 3.8. */
const check: Command = {
  name: "check",
  request: CheckVersionRequest as Codec<unknown>,
  reply: nothing,
  isWrite: true,
  isForReadOnly: false,
  run: (server, caller, request) => checkNode(server, caller, request as VersionedRequest),
};

const all: readonly Command[] = [
  ...Object.entries(writes).map(([name, run]) => command(name as OperationName, true, run as never)),
  ...Object.entries(reads).map(([name, run]) => command(name as OperationName, false, run as never)),
  check,
  own("ping", nothing, () => {}),
  own("setWatches", SetWatchesRequest, (server, { watcher }, request) =>
    server.watches.restore({ ...request, ...noLastingWatches }, server.tree, watcher),
  ),
  own("setWatches2", SetWatches2Request, (server, { watcher }, request) =>
    server.watches.restore(request, server.tree, watcher),
  ),
];

/** By their code on the wire. */
export const commands: ReadonlyMap<number, Command> = new Map(all.map((entry) => [OpCode[entry.name], entry]));
