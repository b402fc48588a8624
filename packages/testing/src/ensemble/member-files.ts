import type { EnsemblePlan, MemberPlan, MemberRole } from "./options.ts";

/** Where a member's things are, as the member itself sees them. */
export interface MemberLayout {
  readonly confDir: string;
  readonly dataDir: string;
  readonly dataLogDir: string;
  readonly clientPort: number;
  readonly securePort: number;
  /** The one address to serve clients at; all when undefined. */
  readonly clientPortAddress?: string;
}

/** How a member reaches a peer, or where it listens itself. */
export interface PeerAddress {
  readonly id: number;
  readonly role: MemberRole;
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/**
 * What a member should have as its own host. One that opens an election connection to a member of a higher id is called back at the
 * address it gives; the unspecified address makes the other look into its own configuration, where a name is that still holds when the
 * address has changed, or a proxy. It also makes the member listen everywhere. With reconfiguration the members adopt each other's
 * lists, and only the real host will do.
 */
export function ownHost(plan: EnsemblePlan, host: string): string {
  return plan.config["reconfigEnabled"] === "true" ? host : "0.0.0.0";
}

/** A member's zoo.cfg. `peers` is the whole ensemble, the member included; left out of a standalone server's. */
export function zooCfg(
  plan: EnsemblePlan,
  member: MemberPlan,
  layout: MemberLayout,
  peers: readonly PeerAddress[],
): string {
  const isStandalone = plan.members.length === 1;
  const settings: Record<string, string | number> = {
    tickTime: plan.tickTimeMs,
    initLimit: plan.initLimit,
    syncLimit: plan.syncLimit,
    dataDir: layout.dataDir,
    dataLogDir: layout.dataLogDir,
    clientPort: layout.clientPort,
    ...(layout.clientPortAddress === undefined ? {} : { clientPortAddress: layout.clientPortAddress }),
    ...(plan.hasTls ? { secureClientPort: layout.securePort } : {}),
    ...(layout.clientPortAddress !== undefined && plan.hasTls
      ? { secureClientPortAddress: layout.clientPortAddress }
      : {}),
    ...(isStandalone ? {} : { standaloneEnabled: "false" }),
    ...(member.role === "observer" ? { peerType: "observer" } : {}),
    // All clients of a test come from one address.
    maxClientCnxns: 0,
    "4lw.commands.whitelist": "*",
    "admin.enableServer": "false",
    // Members die here by a killed process at most, which loses nothing the kernel has; waiting for disks only slows tests down.
    forceSync: "no",
    preAllocSize: 1024,
    // A member looking for peers asks ever more rarely, up to once a minute by default; a healed partition must not take that long.
    "fastleader.maxNotificationInterval": 1000,
    ...plan.config,
  };
  const resolved = Object.entries(settings).map(([key, value]) => [key, withConfDir(String(value), layout)] as const);
  return formatZooCfg(Object.fromEntries(resolved), isStandalone ? [] : peers);
}

/** The text of a zoo.cfg: the settings in their order, then a line for each server. */
export function formatZooCfg(
  settings: Readonly<Record<string, string | number>>,
  servers: readonly PeerAddress[],
): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  return `${[...lines, ...servers.map(serverLine)].join("\n")}\n`;
}

/** What goes into the member's configuration directory beside zoo.cfg. */
export function extraFiles(plan: EnsemblePlan, layout: MemberLayout): ReadonlyMap<string, Buffer> {
  return new Map(
    Object.entries(plan.files).map(([name, content]) => [
      name,
      Buffer.from(typeof content === "string" ? withConfDir(content, layout) : content),
    ]),
  );
}

/** The options of the member's Java virtual machine. */
export function jvmOptions(plan: EnsemblePlan, layout: MemberLayout): readonly string[] {
  return [
    // For short-lived servers the first compiler and one collector thread are the quickest.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    ...Object.entries(plan.systemProperties).map(([key, value]) => `-D${key}=${withConfDir(value, layout)}`),
  ];
}

function serverLine({ id, role, host, quorumPort, electionPort }: PeerAddress): string {
  const observer = role === "observer" ? ":observer" : "";
  return `server.${id}=${host}:${quorumPort}:${electionPort}${observer}`;
}

function withConfDir(text: string, layout: MemberLayout): string {
  return text.replaceAll("${confDir}", layout.confDir);
}
