import { InvalidArgumentError } from "@quorate/core";
import type { ServiceInstance } from "./service-instance.ts";
import { buildUri, hostOf, type UriVariables } from "./uri-spec.ts";

export interface ResolveOptions {
  /**
   * Such as `https`, which takes the instance's `sslPort` if it has one. Default: with a `uriSpec` as Curator has it, `https` where there is
   * an `sslPort`; else by the ports the instance has, `http` first.
   */
  readonly scheme?: string | undefined;
  /** Resolved against the URL, below its path: `orders/1`. */
  readonly path?: string | undefined;
  /** For the variables of its `uriSpec`. */
  readonly variables?: UriVariables | undefined;
}

/**
 * The URL of an instance: by its `uriSpec`, else of scheme, address and port.
 *
 * @throws InvalidArgumentError if what it registered makes no URL
 */
export function resolve(instance: ServiceInstance, options: ResolveOptions = {}): URL {
  const base = baseOf(instance, options);
  const path = options.path?.replace(/^\/+/, "");
  if (path === undefined) return base;
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  return new URL(`./${path}`, base);
}

function baseOf(instance: ServiceInstance, { scheme, variables }: ResolveOptions): URL {
  const { uriSpec, path } = instance;
  const text =
    uriSpec === undefined || uriSpec.parts.length === 0
      ? plainUri(instance, scheme)
      : buildUri(uriSpec, instance, { ...schemeVariables(instance, scheme), ...variables });
  try {
    return new URL(text);
  } catch {
    throw new InvalidArgumentError("what the instance registered makes no URL", { op: "resolve", path });
  }
}

function plainUri({ address, port, sslPort }: ServiceInstance, scheme: string | undefined): string {
  const isSecure = scheme === undefined ? port === undefined && sslPort !== undefined : isSecureScheme(scheme);
  const chosen = isSecure ? (sslPort ?? port) : (port ?? sslPort);
  const host = hostOf(address ?? "");
  return `${scheme ?? (isSecure ? "https" : "http")}://${host}${chosen === undefined ? "" : `:${chosen}`}`;
}

/** A specification has one place for the port, most often. */
function schemeVariables({ port, sslPort }: ServiceInstance, scheme: string | undefined): UriVariables {
  if (scheme === undefined) return {};
  const chosen = isSecureScheme(scheme) ? (sslPort ?? port) : (port ?? sslPort);
  return { scheme, ...(chosen !== undefined && { port: chosen }) };
}

function isSecureScheme(scheme: string): boolean {
  return scheme === "https" || scheme === "wss";
}
