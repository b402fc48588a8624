import type { Acl } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import type { CreateOptions } from "../operations/creation.ts";
import { bytesOf, type Data } from "../operations/data.ts";
import { validatePath } from "../paths/path.ts";
import type { HealthCheck } from "./health-check.ts";

/**
 * - `ephemeral`: goes with the session.
 * - `ephemeral-sequential`: as well; the server appends ten digits to the name, which is protected: `_c_<uuid>-<name><digits>`.
 * - `ttl`: goes when it was not touched for `ttlMs`; touched three times in that. The servers need `extendedTypesEnabled`.
 * - `container`: goes some time after its last child went.
 * - `persistent`: stays until it is removed.
 *
 * None of the last three belongs to a session: one of them that is there already is taken over as it is; the servers do not tell them apart.
 */
export type KeepMode = "ephemeral" | "ephemeral-sequential" | "ttl" | "container" | "persistent";

/** The bounds are for the first appearance. */
export interface KeepOptions extends Bounds {
  /** Default `ephemeral`. */
  readonly mode?: KeepMode;
  /** For mode `ttl`, milliseconds: how long the node outlives its process. */
  readonly ttlMs?: number;
  /** Default the client's `acl` option. */
  readonly acl?: readonly Acl[];
  /** The node is there only while this says so. Default: always. */
  readonly healthCheck?: HealthCheck;
}

/** What the server is asked to create. */
export interface Creation {
  readonly path: string;
  readonly mode: KeepMode;
  readonly ttlMs: number | undefined;
  readonly options: CreateOptions;
}

const modes: Record<KeepMode, NonNullable<CreateOptions["mode"]>> = {
  ephemeral: "ephemeral",
  "ephemeral-sequential": "ephemeral-sequential",
  ttl: "persistent",
  container: "container",
  persistent: "persistent",
};

/** @throws InvalidArgumentError */
export function creationOf(path: string, data: Data, { mode = "ephemeral", ttlMs, acl }: KeepOptions): Creation {
  const refuse = (message: string): never => {
    throw new InvalidArgumentError(message, { op: "keep", path });
  };
  if (!Object.hasOwn(modes, mode)) refuse(`mode ${JSON.stringify(mode)} is unknown`);
  if (mode === "ttl" && !(Number.isInteger(ttlMs) && (ttlMs as number) >= 1)) {
    refuse(`mode "ttl" needs ttlMs, a whole number of milliseconds from 1 up, not ${String(ttlMs)}`);
  }
  if (mode !== "ttl" && ttlMs !== undefined) refuse(`ttlMs goes with mode "ttl" only`);
  validatePath(path, "keep");
  bytesOf(data, { op: "keep", path });
  const options: CreateOptions = {
    mode: modes[mode],
    parents: "container",
    ...(mode === "ephemeral-sequential" && { protected: true }),
    ...(ttlMs !== undefined && { ttlMs }),
    ...(acl !== undefined && { acl }),
  };
  return { path, mode, ttlMs, options };
}

/** Whether the node goes with the session that made it. */
export function isSessionBound({ mode }: Creation): boolean {
  return mode === "ephemeral" || mode === "ephemeral-sequential";
}
