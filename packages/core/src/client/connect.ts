import { bounded, checkBounds } from "../bounds/bounded.ts";
import { ConnectError } from "../errors/client-errors.ts";
import { Client } from "./client.ts";
import { parseConnectString } from "./connect-string.ts";
import { type ConnectOptions, resolveOptions } from "./options.ts";

/**
 * Opens a session.
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
  checkBounds(bounds, { op: "connect" });
  const client = new Client(target, resolved);
  try {
    await bounded(bounds, { op: "connect" }, (signal) => client.whenConnected({ signal }));
    return client;
  } catch (error) {
    const attempts = client.failedAttempts;
    await client.close();
    const tried = attempts.map(({ server, cause }) => `${server} (${cause.message})`).join(", ");
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConnectError(`no session: ${reason}${tried === "" ? "" : `; tried ${tried}`}`, {
      op: "connect",
      attempts,
      cause: error,
    });
  }
}
