import type { ServerAddress } from "../driver/driver.ts";
import type { SessionConnection } from "./connection.ts";
import { disconnected, type Refusal } from "./refusals.ts";

/**
 * | state       | what happens                      | leads to                                                     |
 * |-------------|-----------------------------------|--------------------------------------------------------------|
 * | resolving   | asks DNS for a server's addresses | connecting; the next candidate                               |
 * | connecting  | TCP and TLS to one address        | handshaking; the next candidate                              |
 * | handshaking | session, credentials, SASL        | connected; the next candidate; closed (expired, auth failed) |
 * | connected   | serves requests                   | the next candidate; closing; closed (expired, auth failed)   |
 * | waiting     | a pause between rounds            | the next candidate                                           |
 * | closing     | awaits the answer to closeSession | closed; the next candidate (seeking)                         |
 * | closed      | nothing is left                   |                                                              |
 *
 * The next candidate is resolving or connecting, or waiting when the round is over. `close()` leads to closed from everywhere, through
 * closing where a server can be told; while it seeks one, what would be connected is closing. Each state's `exit` lets go of what the next one does not take over.
 */
export type State = (
  | { readonly name: "resolving"; readonly server: ServerAddress }
  | {
      readonly name: "connecting" | "handshaking";
      readonly server: ServerAddress;
      readonly connection: SessionConnection;
    }
  | {
      readonly name: "connected";
      readonly server: ServerAddress;
      readonly connection: SessionConnection;
      /** `performance.now()` */
      readonly since: number;
    }
  | { readonly name: "waiting" }
  | {
      readonly name: "closing";
      readonly server: ServerAddress;
      readonly connection: SessionConnection;
      /** The connection broke before the answer. */
      broken(): void;
    }
  | { readonly name: "closed"; readonly refusal: Refusal }
) & { exit(next: State): void };

/** `close()` under way. */
export interface Farewell {
  /** What is left of the requests is rejected with. */
  readonly refusal: Refusal;
  /** Whether to look for another server as long as there is none. */
  readonly seek: boolean;
  /** No server need be told any longer. */
  done(): void;
}

/** Whether a server is being tried. */
export function isTrying(state: State): state is State & { readonly name: "resolving" | "connecting" | "handshaking" } {
  return state.name === "resolving" || state.name === "connecting" || state.name === "handshaking";
}

/** The exit of a state with a connection, which lives on only if the next state has it too. */
export function letGo(connection: SessionConnection, next: State): void {
  if ("connection" in next && next.connection === connection) return;
  connection.end((operation) => disconnected(operation, "unknown"));
}
