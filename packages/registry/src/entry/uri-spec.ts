import type { ServiceInstance, UriPart, UriSpec } from "./service-instance.ts";

/** Values of variables beyond Curator's own, or in their place. */
export type UriVariables = Readonly<Record<string, string | number>>;

/**
 * From Curator's notation: `{scheme}://{address}:{port}/api`. `{[}` and `{]}` stand for braces.
 *
 * @throws SyntaxError if a brace is not closed
 */
export function parseUriSpec(text: string): UriSpec {
  const parts: UriPart[] = [];
  let rest = text;
  while (rest !== "") {
    const open = rest.indexOf("{");
    if (open !== 0) {
      parts.push({ value: open === -1 ? rest : rest.slice(0, open), variable: false });
      rest = open === -1 ? "" : rest.slice(open);
      continue;
    }
    const close = rest.indexOf("}");
    if (close === -1) throw new SyntaxError("a brace of the URI specification is not closed");
    parts.push({ value: rest.slice(1, close).trim(), variable: true });
    rest = rest.slice(close + 1);
  }
  return { parts };
}

/** A variable that is not known becomes nothing, as with Curator. */
export function buildUri({ parts }: UriSpec, instance: ServiceInstance, variables: UriVariables = {}): string {
  const known: UriVariables = { ...variablesOf(instance), ...variables };
  return parts.map(({ value, variable }) => (variable ? String(known[value] ?? "") : value)).join("");
}

/** Those of org.apache.curator.x.discovery.UriSpec. */
function variablesOf(instance: ServiceInstance): UriVariables {
  const { name, id, address, port, sslPort, registrationTimeUTC, serviceType } = instance;
  return {
    "[": "{",
    "]": "}",
    scheme: sslPort === undefined ? "http" : "https",
    name,
    id,
    address: hostOf(address ?? ""),
    port: port ?? "",
    "ssl-port": sslPort ?? "",
    "registration-time-utc": registrationTimeUTC,
    "service-type": serviceType.toLowerCase(),
  };
}

/** As it stands in a URL. */
export function hostOf(address: string): string {
  return address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
}
