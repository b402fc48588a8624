/**
 * How an instance's znode lives; Curator's names.
 *
 * - `DYNAMIC`: ephemeral, goes with the session.
 * - `DYNAMIC_SEQUENTIAL`: as well, under a name of its own each time.
 * - `STATIC`: stays when its process dies, goes when it is unregistered or its registration closed.
 * - `PERMANENT`: goes when it is unregistered.
 */
export type ServiceType = "DYNAMIC" | "DYNAMIC_SEQUENTIAL" | "STATIC" | "PERMANENT";

export const serviceTypes: ReadonlySet<string> = new Set<ServiceType>([
  "DYNAMIC",
  "DYNAMIC_SEQUENTIAL",
  "STATIC",
  "PERMANENT",
]);

/** One part of a URI's pattern: text as it is, or the name of a variable such as `address`. */
export interface UriPart {
  readonly value: string;
  readonly variable: boolean;
}

/** Curator's `UriSpec`. */
export interface UriSpec {
  readonly parts: readonly UriPart[];
}

/** One instance of a service, as it registered. */
export interface ServiceInstance<Payload = unknown> {
  readonly name: string;
  readonly id: string;
  /** A host name or IP address; undefined where others registered without one. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Of TLS. */
  readonly sslPort: number | undefined;
  /** What the schema made of it, where there is one. Undefined if there is none; Java services have their class in `@class`. */
  readonly payload: Payload;
  /** Milliseconds since 1970, by the clock of whoever registered. */
  readonly registrationTimeUTC: number;
  readonly serviceType: ServiceType;
  readonly uriSpec: UriSpec | undefined;
  /** False while it is drained: registered, and not to be picked. */
  readonly enabled: boolean;
  /** Its znode. */
  readonly path: string;
}
