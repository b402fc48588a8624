import { ConnectionLossError } from "../errors/client-errors.ts";

/**
 * Repeats what is safe to repeat, over connection loss, until a server answers it. Made for requests through a Session, each of which waits
 * for a connection and which end with it.
 *
 * @throws the server's refusal, or the session's end
 */
export async function overLoss<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ConnectionLossError)) throw error;
    }
  }
}
