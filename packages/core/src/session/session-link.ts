import type { Operation, OperationName, Reply } from "@quorate/protocol";

/** One ZooKeeper session as the inner parts of the core see it: raw requests with the server's paths, never replayed. */
export interface SessionLink {
  /** As `DriverSession.request`; once the session ended it rejects with that reason. */
  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>>;
  /** Aborts when the session ends, with a typed reason. */
  readonly signal: AbortSignal;
  /** Whether a server is serving the session right now. */
  readonly connected: boolean;
  /** Resolves at once while connected, else at the next reconnect. Rejects with the session's end or the signal's abort. */
  whenConnected(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}
