import { ErrorCode, OpCode, ProtocolError, type Reader, type Writer } from "@quorate/protocol";
import type { WireOp } from "../../proxy/reply-drop.ts";
import type { Caller } from "../requests/caller.ts";
import { type Command, commands } from "../requests/commands.ts";
import { Malformed } from "../requests/malformed.ts";
import { pathsOf } from "../requests/paths-of.ts";
import { Refusal } from "../requests/refusal.ts";
import type { Transaction } from "../tree/znode.ts";
import type { ConnectionHost } from "./connection-host.ts";
import type { DropReason } from "./drop-reason.ts";

/** What becomes of one request. */
export type Answer =
  | {
      readonly kind: "reply";
      readonly operation: WireOp | "unknown";
      readonly zxid: bigint;
      readonly err: number;
      /** The body. */
      write(writer: Writer): void;
      /** The connection ends behind the reply. */
      readonly drop?: DropReason;
    }
  /** Nothing at all. */
  | { readonly kind: "silence" }
  /** The connection ends without a reply. */
  | { readonly kind: "lost" };

/** Carries out one request of a session. */
export function answer(host: ConnectionHost, caller: Caller, type: number, reader: Reader): Answer {
  if (type === OpCode.closeSession) return closed(host, caller);
  const command = commands.get(type);
  if (command === undefined) {
    return { ...refused("unknown", -1n, ErrorCode.UNIMPLEMENTED), drop: "malformed-request" };
  }
  const { state } = host;
  if (host.conditions.isReadOnly && !command.isForReadOnly) {
    return refused(command.name, state.lastZxid, ErrorCode.NOT_READ_ONLY);
  }
  let request: unknown;
  try {
    request = command.request.read(reader);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (command.isWrite) state.write(() => {});
    return { ...refused(command.name, state.lastZxid, ErrorCode.MARSHALLING_ERROR), drop: "malformed-request" };
  }
  const failure = host.failures.isEmpty ? undefined : strike(host, command.name, request);
  if (failure === "before") return { kind: "lost" };
  const result = carryOut(host, caller, command, request);
  return failure === "after" ? { kind: "lost" } : result;
}

function carryOut({ state }: ConnectionHost, caller: Caller, command: Command, request: unknown): Answer {
  try {
    const run = (transaction: Transaction): unknown => command.run(state, caller, request, transaction);
    const reply = command.isWrite ? state.write(run) : run(state.latest);
    if (reply === undefined) return { kind: "silence" };
    const write = (writer: Writer): void => command.reply.write(writer, reply);
    return { kind: "reply", operation: command.name, zxid: state.lastZxid, err: 0, write };
  } catch (error) {
    return refused(command.name, state.lastZxid, errorCodeOf(error));
  }
}

function errorCodeOf(error: unknown): number {
  if (error instanceof Refusal) return error.errorCode;
  if (error instanceof Malformed) return ErrorCode.MARSHALLING_ERROR;
  throw error;
}

function closed(host: ConnectionHost, { session }: Caller): Answer {
  const { state, conditions } = host;
  const failure = host.failures.isEmpty ? undefined : strike(host, "closeSession", {});
  if (failure === "before") return { kind: "lost" };
  if (conditions.isReadOnly && !session.isLocal)
    return refused("closeSession", state.lastZxid, ErrorCode.NOT_READ_ONLY);
  state.closeSession(session);
  if (failure === "after") return { kind: "lost" };
  return { ...refused("closeSession", state.lastZxid, 0), drop: "closed" };
}

function strike({ failures }: ConnectionHost, op: WireOp, request: unknown): "before" | "after" | undefined {
  return failures.strike({ op, paths: () => pathsOf(request) });
}

/** A header alone. */
function refused(operation: WireOp | "unknown", zxid: bigint, err: number): Extract<Answer, { kind: "reply" }> {
  return { kind: "reply", operation, zxid, err, write: () => {} };
}
