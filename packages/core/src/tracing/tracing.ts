import { type Channel, channel, type TracingChannel, tracingChannel } from "node:diagnostics_channel";
import type { Operation } from "@quorate/protocol";
import type { ConnectionState } from "../client/connection-state.ts";

/**
 * What subscribers of the `quorate:operation` tracing channel get, with `error` added by the channel once it failed. No data, no secrets.
 */
export interface OperationTrace {
  /** The request's name in ZooKeeper's protocol, such as `getData`. */
  readonly op: string;
  /** The server's path, chroot included. */
  readonly path: string | undefined;
}

/** What subscribers of the `quorate:state` channel get. */
export interface StateTrace {
  readonly state: ConnectionState;
  /** Hexadecimal, as ZooKeeper's own logs write it; undefined before the first session. */
  readonly sessionId: string | undefined;
}

const operationChannel: TracingChannel = tracingChannel("quorate:operation");
const stateChannel: Channel = channel("quorate:state");

/** Publishes start, end and failure of an operation, if anyone listens. */
export function traced<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
  if (!operationChannel.hasSubscribers) return run();
  const trace: OperationTrace = { op: operation.op, path: "path" in operation ? operation.path : undefined };
  let outcome: Promise<T> | undefined;
  const finished = operationChannel.tracePromise(() => {
    outcome = run();
    // Without its value: the channel would show it, and with it a znode's data, to every subscriber.
    return outcome.then(() => undefined);
  }, trace);
  finished.catch(() => {});
  return outcome as Promise<T>;
}

export function traceState(state: ConnectionState, sessionId: bigint | undefined): void {
  if (!stateChannel.hasSubscribers) return;
  const trace: StateTrace = {
    state,
    sessionId: sessionId === undefined ? undefined : `0x${BigInt.asUintN(64, sessionId).toString(16)}`,
  };
  stateChannel.publish(trace);
}
