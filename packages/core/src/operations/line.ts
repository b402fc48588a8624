import type { Operation, OperationName, Reply } from "@quorate/protocol";
import type { WaitOptions } from "../bounds/gate.ts";
import type { Capability } from "../driver/capability.ts";

/** Where operations go: one session, or whatever session the client has now. */
export interface Line {
  readonly connected: boolean;
  /** Id of the session that a request made now would go through; undefined when there is none. */
  readonly sessionId: bigint | undefined;
  /** What the driver can do. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Why the driver can never perform this; undefined if it can. */
  cannot(operation: Operation): Error | undefined;
  /** Newest zxid that a server told in that session; undefined where the driver does not know. */
  readonly seenZxid: bigint | undefined;
  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>>;
  whenConnected(options: WaitOptions): Promise<void>;
}
