/** The server's end of a byte stream to a client. */
export interface ServerStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes written that the client's side has not taken yet. */
  readonly queuedBytes: number;
  /** The bytes must not be changed afterwards. */
  write(bytes: Uint8Array): void;
  /** Closes once everything written is out. */
  end(): void;
  /** Closes at once. No event follows. */
  destroy(): void;
  /** Stops reading: no data until `resume`. */
  pause(): void;
  resume(): void;
}

export interface ServerStreamEvents {
  data(chunk: Uint8Array): void;
  /** What was queued is out. */
  drain(): void;
  /** The client is gone, or everything is out after `end`. Nothing follows. */
  close(): void;
}
