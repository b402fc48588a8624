import type { Operation, OperationName, Reply } from "@quorate/protocol";
import type { WaitOptions } from "../bounds/gate.ts";

/** Where operations go: one session, or whatever session the client has now. */
export interface Line {
  readonly connected: boolean;
  /** Id of the session that a request made now would go through; undefined when there is none. */
  readonly sessionId: bigint | undefined;
  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>>;
  whenConnected(options: WaitOptions): Promise<void>;
}
