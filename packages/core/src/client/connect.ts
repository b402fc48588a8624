import { bounded } from "../bounds/bounded.ts";
import { type ConnectAttempt, ConnectError, InvalidArgumentError } from "../errors/client-errors.ts";
import { Client } from "./client.ts";
import { parseConnectString } from "./connect-string.ts";
import { type ConnectOptions, resolveOptions } from "./options.ts";

/**
 * Opens a session. With `waitForSession: false` the client comes at once, still without one: what is asked of it waits for a server.
 *
 * @param servers `host:port,host:port/chroot`; the port defaults to 2181. Servers are tried in shuffled order.
 * @throws InvalidArgumentError before anything is sent; UnsupportedError for an option that the driver cannot serve
 * @throws ConnectError when no server gave a session within `connectTimeoutMs`, a credential was refused or `signal` aborted; lists every
 *   server tried. Nothing is left behind.
 */
export async function connect(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const target = parseConnectString(servers);
  const resolved = resolveOptions(options);
  const bounds = { signal: options.signal, timeoutMs: resolved.connectTimeoutMs };
  const opened: { client?: Client } = {};
  try {
    return await bounded(bounds, { op: "connect" }, async (signal) => {
      const client = new Client(target, resolved);
      opened.client = client;
      if (options.waitForSession !== false) await client.whenConnected({ signal });
      return client;
    });
  } catch (error) {
    // An option that the driver cannot work with: there was no attempt.
    if (error instanceof InvalidArgumentError) throw error;
    const attempts = attemptsOf(opened.client, error as Error);
    await opened.client?.close();
    const tried = attempts.map(({ server, cause }) => `${server} (${cause.message})`).join(", ");
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectError(`no session: ${reason}${tried === "" ? "" : `; tried ${tried}`}`, {
      op: "connect",
      attempts,
      cause: error,
    });
  }
}

/** With the one that was cut short, where nothing better is known of that server. */
function attemptsOf(client: Client | undefined, cause: Error): readonly ConnectAttempt[] {
  if (client === undefined) return [];
  const { failedAttempts, trying } = client;
  if (trying === undefined || failedAttempts.some(({ server }) => server === trying)) return failedAttempts;
  return [...failedAttempts, { server: trying, cause }];
}
