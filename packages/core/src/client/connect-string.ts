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
export function parseConnectString(text: string): ConnectString {
  if (typeof text !== "string" || text.trim() === "") {
    throw new InvalidArgumentError(`connect string ${JSON.stringify(text)} names no server`);
  }
  const slash = text.indexOf("/");
  const chroot = slash === -1 ? "" : text.slice(slash).trim();
  if (chroot !== "" && chroot !== "/") validatePath(chroot, "connect");
  const hosts = (slash === -1 ? text : text.slice(0, slash)).split(",");
  return { servers: hosts.map((host) => parseServer(host.trim())), chroot: chroot === "/" ? "" : chroot };
}

/** `[ipv6]:port`, `host:port`, `host`, or a bare IPv6 address. */
const forms = /^(?:\[(?<bracketed>[0-9a-fA-F:.%\w]+)\]|(?<host>[^\s:[\]@]+)|(?<bare>[0-9a-fA-F]*:[0-9a-fA-F:.]+))$/;

function parseServer(text: string): ServerAddress {
  const [, address, portText] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(text) ?? [undefined, text, undefined];
  const groups = forms.exec(address ?? "")?.groups;
  const host = groups?.["bracketed"] ?? groups?.["host"] ?? groups?.["bare"];
  const port = portText === undefined ? defaultPort : Number(portText);
  if (host === undefined) {
    // What stands before an @ may be a password typed by mistake.
    const shown = text.includes("@") ? "(with an @ in it)" : JSON.stringify(text);
    throw new InvalidArgumentError(`server ${shown} in the connect string is not host[:port]`);
  }
  if (port < 1 || port > 65_535) {
    throw new InvalidArgumentError(`port ${portText} of server ${JSON.stringify(text)} is not within 1..65535`);
  }
  return { host, port };
}

export function formatServer({ host, port }: ServerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
