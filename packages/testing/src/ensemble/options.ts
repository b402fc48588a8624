import { InvalidArgumentError } from "@quorate/core";

/** How members are run: containers, or processes of this machine. */
export type EnsembleProvider = "docker" | "process";

/** Server certificates for a TLS port, in PEM (the key in PKCS #8, unencrypted), as `node:tls` names them. */
export interface EnsembleTls {
  readonly key: string;
  readonly cert: string;
  /** Certificates of the authorities whose client certificates are accepted. */
  readonly ca: string;
  /** Whether clients must show a certificate; default `"none"`. With `"need"` or `"want"` theirs gives x509 authentication. */
  readonly clientAuth?: "none" | "want" | "need";
}

export interface EnsembleOptions {
  /** Voting members; default 3. One without observers is a standalone server. */
  readonly nodes?: number;
  /** Observers beside them; default 0. Their ids follow those of the voting members. */
  readonly observers?: number;
  /** Default `"auto"`: Docker if it answers, else local processes if Java and ZooKeeper's jars are found, else an error. */
  readonly provider?: EnsembleProvider | "auto";
  /** ZooKeeper's time unit in milliseconds; default 500. Sessions last 2 to 20 ticks unless `config` says otherwise. */
  readonly tickTimeMs?: number;
  /** Ticks a member may take to connect to a leader and to catch up; default 20. */
  readonly initLimit?: number;
  /** Ticks after which a silent peer is given up; default 5. */
  readonly syncLimit?: number;
  /** Image for the docker provider; default `process.env.ZK_IMAGE ?? "zookeeper:3.9"`. */
  readonly image?: string;
  /** Further lines of zoo.cfg, which win over the ensemble's own. `${confDir}` stands for the member's configuration directory. */
  readonly config?: Readonly<Record<string, string | number | boolean>>;
  /** Java system properties, `-D` left out; values without white space. `${confDir}` as in `config`. */
  readonly systemProperties?: Readonly<Record<string, string | number | boolean>>;
  /** Files for every member's configuration directory, by name, such as a key store or jaas.conf. `${confDir}` as in `config`, in strings only. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Opens a TLS port beside the plain one: see `secureConnectString`. */
  readonly tls?: EnsembleTls;
  /** Labels for the containers and networks of the docker provider, for cleaning up after a killed test run. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How long the members may take to get ready once they run, in milliseconds; default 60000. */
  readonly startTimeoutMs?: number;
  /** Aborts the start; what was started is removed again. */
  readonly signal?: AbortSignal;
}

/** The options with their defaults filled in. */
export interface EnsemblePlan {
  readonly members: readonly MemberPlan[];
  readonly provider: EnsembleProvider | "auto";
  readonly tickTimeMs: number;
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly image: string;
  readonly config: Readonly<Record<string, string>>;
  readonly systemProperties: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly hasTls: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface MemberPlan {
  /** From 1 on, as in `server.N` and myid. */
  readonly id: number;
  readonly role: MemberRole;
}

/** Whether a member votes. */
export type MemberRole = "participant" | "observer";

/** @throws InvalidArgumentError naming the option that can never work */
export function planEnsemble(options: EnsembleOptions): EnsemblePlan {
  const nodes = integer("nodes", options.nodes ?? 3, 1, 15);
  const observers = integer("observers", options.observers ?? 0, 0, 15);
  const provider = options.provider ?? "auto";
  if (!["docker", "process", "auto"].includes(provider)) {
    throw new InvalidArgumentError(`provider must be "docker", "process" or "auto", not ${JSON.stringify(provider)}`);
  }
  return {
    members: Array.from({ length: nodes + observers }, (_, index) => ({
      id: index + 1,
      role: index < nodes ? "participant" : "observer",
    })),
    provider,
    tickTimeMs: integer("tickTimeMs", options.tickTimeMs ?? 500, 10, 60_000),
    initLimit: integer("initLimit", options.initLimit ?? 20, 1, 10_000),
    syncLimit: integer("syncLimit", options.syncLimit ?? 5, 1, 10_000),
    image: options.image ?? process.env["ZK_IMAGE"] ?? "zookeeper:3.9",
    config: settings("config", { ...tlsConfig(options.tls), ...options.config }, /^[^\r\n]*$/, "one line"),
    systemProperties: settings("systemProperties", options.systemProperties ?? {}, /^\S*$/, "without white space"),
    files: checkFiles({ ...tlsFiles(options.tls), ...options.files }),
    hasTls: options.tls !== undefined,
    labels: options.labels ?? {},
    startTimeoutMs: integer("startTimeoutMs", options.startTimeoutMs ?? 60_000, 1, 3_600_000),
    signal: options.signal,
  };
}

/** The TLS port of every member, before any mapping. */
export const defaultSecurePort = 2281;

function tlsConfig(tls: EnsembleTls | undefined): Record<string, string> {
  if (tls === undefined) return {};
  return {
    serverCnxnFactory: "org.apache.zookeeper.server.NettyServerCnxnFactory",
    "ssl.keyStore.location": "${confDir}/server.pem",
    "ssl.keyStore.type": "PEM",
    "ssl.trustStore.location": "${confDir}/ca.pem",
    "ssl.trustStore.type": "PEM",
    "ssl.clientAuth": tls.clientAuth ?? "none",
  };
}

function tlsFiles(tls: EnsembleTls | undefined): Record<string, string> {
  if (tls === undefined) return {};
  return { "server.pem": `${tls.key.trim()}\n${tls.cert.trim()}\n`, "ca.pem": tls.ca };
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
}

function settings(
  option: string,
  values: Readonly<Record<string, string | number | boolean>>,
  allowed: RegExp,
  rule: string,
): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(values)) {
    if (!/^[^\s=]+$/.test(key)) throw new InvalidArgumentError(`${option}: ${JSON.stringify(key)} cannot be a key`);
    if (!allowed.test(String(value))) throw new InvalidArgumentError(`${option}: the value of ${key} must be ${rule}`);
  }
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function checkFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
): Readonly<Record<string, string | Uint8Array>> {
  for (const name of Object.keys(files)) {
    if (/^[\w.-]+$/.test(name) && !/^\.+$/.test(name) && name !== "zoo.cfg") continue;
    throw new InvalidArgumentError(`files: ${JSON.stringify(name)} must be a plain file name, and not zoo.cfg`);
  }
  return files;
}
