import type { WatchMode, ZnodeEvent } from "./znode-event.ts";

export interface WatchOptions {
  /** Default `"node"`. */
  readonly mode?: WatchMode | undefined;
  /**
   * The path itself or a znode above it, for mode `"recursive"`: where the watch stands at the server. Many watches below one znode then need
   * one there, which tells this client of everything below that znode. Default the path itself.
   */
  readonly watchAt?: string | undefined;
  /** Ends the watch; its iteration finishes. */
  readonly signal?: AbortSignal | undefined;
  /** Events that may wait for the reader; beyond that they collapse into one `resync`. Default 1024, at least 1. */
  readonly bufferSize?: number | undefined;
}

/**
 * What happens to a path, as an async iterable. It is armed as soon as it is made: what this client changes afterwards is seen. It
 * survives reconnects and new sessions, telling of each gap by one `resync`.
 *
 * There is one stream of events however often it is iterated. Leaving a `for await` ends the watch and takes it from the server.
 * Iteration finishes when the watch, its signal or the client ends it, and throws the error if the server refuses the watch.
 */
export interface Watch extends AsyncIterable<ZnodeEvent, undefined>, AsyncDisposable {
  readonly path: string;
  readonly mode: WatchMode;
  /**
   * Resolves when the server has armed the watch for the first time; waits for a connection if there is none. Rejects with the server's
   * refusal, with AbortedError or ClosedError if the watch ended before. Nobody has to handle that.
   */
  readonly ready: Promise<void>;
  /**
   * Whether nothing has been missed up to now, as far as can be known: the watch is armed, a server is connected, and the reader has come
   * back for more after the latest `resync`.
   */
  readonly current: boolean;
  /** Ends the watch; events still waiting are dropped. Idempotent. */
  close(): Promise<void>;
}
