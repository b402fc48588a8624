import { AsyncLocalStorage } from "node:async_hooks";

const scopes = new AsyncLocalStorage<unknown>();

/** The owner on whose behalf this code runs, if it runs inside of {@link runAsOwner}. */
export function currentOwner(): unknown {
  return scopes.getStore();
}

/**
 * Runs `body` on behalf of an owner: whatever it acquires, however deep in asynchronous calls, is acquired by this owner unless it names
 * another. `run()` of a reentrant lock does the same for its body.
 *
 * @param owner compared by identity (`Object.is`)
 */
export function runAsOwner<T>(owner: unknown, body: () => T): T {
  return scopes.run(owner, body);
}
