import type { TlsOptions } from "../driver/tls-options.ts";

/**
 * Where byte streams to servers come from. The default one is TCP and TLS; another one lets a whole session run in memory, or over a
 * tunnel.
 */
export interface Transport {
  /** Every address of a server's host, asked anew at each call. An IP address is its own answer. */
  resolve(host: string): Promise<readonly string[]>;
  /**
   * Looks at TLS options without connecting.
   *
   * @throws on those that can never work, such as a broken certificate
   */
  checkTls?(options: TlsOptions): void;
  /**
   * Starts to connect and returns at once; `events` tell the rest, never before `connect` has returned.
   *
   * @throws on options that can never work
   */
  connect(target: StreamTarget, events: StreamEvents): ByteStream;
}

export interface StreamTarget {
  /** The host of the connect string: what a certificate is verified against. */
  readonly host: string;
  /** The one of the host's addresses to connect to. */
  readonly address: string;
  readonly port: number;
  /** Undefined: plain TCP. */
  readonly tls: TlsOptions | undefined;
}

export interface StreamEvents {
  /** Connected, and with TLS verified: bytes can be written. */
  open(): void;
  /** The bytes are valid during the call only. */
  data(chunk: Uint8Array): void;
  /** The stream has ended, or never came to be. Called at most once, and not after `destroy`. Nothing follows. */
  close(cause: Error): void;
}

export interface ByteStream {
  /** Bytes handed to `write` that the operating system has not taken yet. */
  readonly queuedBytes: number;
  /** The IP address of this end, once open; undefined where there is none, as in memory. */
  readonly localAddress?: string | undefined;
  /** The bytes must not be changed afterwards. */
  write(bytes: Uint8Array): void;
  /** Ends the stream at once, dropping what is queued. Idempotent; no event follows. */
  destroy(): void;
}
