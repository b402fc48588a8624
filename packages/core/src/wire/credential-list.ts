import type { Credential } from "../driver/credentials.ts";
import { AuthFailedError } from "../errors/server-errors.ts";
import type { SessionConnection } from "./connection.ts";

interface Entry {
  readonly credential: Credential;
  /** Settled by the server's first answer; only the ones added to a running session have someone waiting. */
  readonly waiter?: { resolve(): void; reject(error: Error): void };
}

/** The credentials of a session, presented at every connect in the order they were added. */
export class CredentialList {
  readonly #entries: Entry[];

  constructor(credentials: readonly Credential[]) {
    this.#entries = credentials.map((credential) => ({ credential }));
  }

  /** @returns rejects with AuthFailedError if one is refused, and with the connection's failure */
  async presentAll(connection: SessionConnection): Promise<void> {
    await Promise.all(this.#entries.map((entry) => present(entry, connection)));
  }

  /** Adds one, and presents it now if there is a connection; else, or if that breaks first, over the next one. */
  add(credential: Credential, connection: SessionConnection | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { credential, waiter: { resolve, reject } };
      this.#entries.push(entry);
      // What is wrong with the connection, its owner hears from itself.
      if (connection !== undefined) present(entry, connection).catch(() => {});
    });
  }

  /** The session is over: nobody will be asked any more. */
  end(reason: Error): void {
    for (const { waiter } of this.#entries) waiter?.reject(reason);
  }
}

async function present({ credential, waiter }: Entry, connection: SessionConnection): Promise<void> {
  try {
    await connection.authenticate(credential);
    waiter?.resolve();
  } catch (error) {
    // Anything else is the connection's failure: it is presented again over the next one.
    if (error instanceof AuthFailedError) waiter?.reject(error);
    throw error;
  }
}
