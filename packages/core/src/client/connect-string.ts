import { shown } from "../bounds/options.ts";
import type { ServerAddress } from "../driver/driver.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { validatePath } from "../paths/path.ts";

export interface ConnectString {
  readonly servers: readonly ServerAddress[];
  /** `""` for none. */
  readonly chroot: string;
}

/** ZooKeeper's client port. */
const defaultPort = 2181;

/**
 * Reads `host[:port],host[:port].../chroot`. An IPv6 address with a port is written in brackets.
 *
 * @throws InvalidArgumentError that names the offending part
 */
export function parseConnectString(text: string, op: "connect" | "setServers" = "connect"): ConnectString {
  if (typeof text !== "string" || text.trim() === "") {
    throw new InvalidArgumentError(`connect string ${shown(text)} names no server`, { op });
  }
  const slash = text.indexOf("/");
  const hosts = (slash === -1 ? text : text.slice(0, slash)).split(",");
  return {
    servers: hosts.map((host) => parseServer(host.trim(), op)),
    chroot: slash === -1 ? "" : parseChroot(text.slice(slash).trim(), op),
  };
}

function parseChroot(text: string, op: string): string {
  if (text === "/") return "";
  try {
    validatePath(text, op);
  } catch (error) {
    throw text.includes("@") ? new InvalidArgumentError(`the chroot ${hidden} is not a path`, { op }) : error;
  }
  return text;
}

/** What stands before an @ may be a password typed by mistake. */
const hidden = "(with an @ in it)";

const form = /^(?:\[(?<bracketed>.*)\]|(?<name>[^\s:[\]@]+))(?::(?<port>\d+))?$/;

/** Two colons at least: with a single one it is a name and what should have been its port. */
const ipv6 = /^[\da-fA-F.]*:[\da-fA-F.]*:[\da-fA-F:.]*(?:%\w+)?$/;

function parseServer(text: string, op: string): ServerAddress {
  const { bracketed, name, port: portText } = form.exec(text)?.groups ?? {};
  const address = bracketed ?? text;
  const host = name ?? (ipv6.test(address) ? address : undefined);
  const port = portText === undefined ? defaultPort : Number(portText);
  if (host === undefined) {
    const part = text.includes("@") ? hidden : shown(text);
    throw new InvalidArgumentError(`server ${part} in the connect string is not host[:port]`, { op });
  }
  if (port < 1 || port > 65_535) {
    throw new InvalidArgumentError(`port ${portText} of server ${shown(text)} is not within 1..65535`, {
      op,
    });
  }
  return { host, port };
}

export function formatServer({ host, port }: ServerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
