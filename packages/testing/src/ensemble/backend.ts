import type { ProxyTarget } from "../proxy/proxied-connection.ts";
import type { EnsembleProvider } from "./options.ts";

/** Runs an ensemble's members. Made by a provider with all members started; says nothing about whether they serve. */
export interface Backend {
  readonly provider: EnsembleProvider;
  readonly members: ReadonlyMap<number, BackendMember>;
  /**
   * Cuts the links between these members and all others; links within either side stay, and so do the clients' connections. Replaces
   * the partition before; an empty set heals.
   *
   * @throws UnsupportedError where the ensemble's configuration leaves no way to do that
   */
  partition(ids: ReadonlySet<number>): Promise<void>;
  /** Removes everything, whatever state it is in. */
  dispose(): Promise<void>;
}

/** One member. The calls fit together as the ensemble makes them: it knows which member is running, paused or stopped. */
export interface BackendMember {
  /** Where clients reach it now. Rejects while it is down. */
  address(port: ClientPort): Promise<ProxyTarget>;
  /** Whether its process exists, paused or not. */
  isAlive(): Promise<boolean>;
  start(): Promise<void>;
  /** By SIGTERM, then by SIGKILL. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The end of what it has printed. */
  logs(): Promise<string>;
}

/** The plain port, or the TLS port. */
export type ClientPort = "client" | "secure";
