/** Who serves a session now. */
export interface SessionConnection {
  /** Lets go of the client, whose session may live on. */
  drop(reason: "expired" | "moved" | "lever"): void;
}

export interface Session {
  readonly id: bigint;
  /** What a client shows to resume it. */
  readonly password: Buffer;
  /** Negotiated, milliseconds. */
  timeoutMs: number;
  /** Of a read-only server: it ends when the server can write again. */
  readonly isLocal: boolean;
  connection: SessionConnection | undefined;
}
