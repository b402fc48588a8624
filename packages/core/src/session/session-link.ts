import type { Operation, OperationName, Reply } from "@quorate/protocol";
import type { Capability } from "../driver/capability.ts";

/** One ZooKeeper session as the inner parts of the core see it: raw requests with the server's paths, never replayed. */
export interface SessionLink {
  /** As `DriverSession.request`; once the session ended it rejects with that reason. */
  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>>;
  /** What the driver can do. */
  readonly capabilities: ReadonlySet<Capability>;
  /** Aborts when the session ends, with a typed reason. */
  readonly signal: AbortSignal;
  /** Whether a server is serving the session right now. */
  readonly connected: boolean;
  /** Resolves at once while connected, else at the next reconnect. Rejects with the session's end or the signal's abort. */
  whenConnected(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
