import { type Acl, CreateMode, type Operation } from "@quorate/protocol";
import { checkAcl } from "../acl/acl.ts";
import type { Bounds } from "../bounds/bounded.ts";
import { checkOptions, shown } from "../bounds/options.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import type { Chroot } from "../paths/chroot.ts";
import { validatePath, validateSequentialPath } from "../paths/path.ts";
import { bytesOf, type Data } from "./data.ts";

/**
 * - `persistent`: until deleted.
 * - `ephemeral`: until its session ends.
 * - `...-sequential`: the server appends ten digits that grow with every child created in the parent.
 * - `container`: removed by the server some time after its last child was deleted.
 */
export type CreateModeName =
  | "persistent"
  | "persistent-sequential"
  | "ephemeral"
  | "ephemeral-sequential"
  | "container";

export interface CreateNodeOptions {
  /** Default `persistent`. */
  readonly mode?: CreateModeName;
  /** Default the client's `acl` option. */
  readonly acl?: readonly Acl[];
  /**
   * Removed by the server once it had no children and was not changed for this long, milliseconds. Persistent modes only; the servers need
   * `extendedTypesEnabled`.
   */
  readonly ttlMs?: number;
}

export interface CreateOptions extends CreateNodeOptions, Bounds {
  /** Creates missing ancestors, persistent, with the same ACL. `"container"` makes them containers. Default false. */
  readonly parents?: boolean | "container";
  /**
   * Sequential modes only. Puts `_c_<uuid>-` before the name (Curator's convention), so that after a lost answer the znode is looked up by
   * that id instead of leaving it unknown whether it was created. Default false.
   */
  readonly protected?: boolean;
}

export type Parents = NonNullable<CreateOptions["parents"]>;

export type CreateOperation = Operation<"create2" | "createContainer" | "createTtl">;

/** What stands for what the caller leaves out. */
export interface CreationDefaults {
  readonly acl: readonly Acl[];
  readonly noData: Uint8Array | null;
}

const flags: Record<CreateModeName, number> = {
  persistent: CreateMode.persistent,
  "persistent-sequential": CreateMode.persistentSequential,
  ephemeral: CreateMode.ephemeral,
  "ephemeral-sequential": CreateMode.ephemeralSequential,
  container: CreateMode.container,
};

/** The largest TTL a server takes: it keeps it in the 40 low bits of the owner field (org.apache.zookeeper.server.EphemeralType). */
const maxTtlMs = 0x00_00_ff_ff_ff_ff_ff;

/**
 * The operation that creates a znode, with the caller's path.
 *
 * @throws InvalidArgumentError
 */
export function creation(
  path: string,
  data: Data,
  options: CreateNodeOptions,
  { acl, noData }: CreationDefaults,
): CreateOperation {
  const op = "create";
  checkOptions(options, { op, path });
  const mode = options.mode ?? "persistent";
  if (!Object.hasOwn(flags, mode)) throw new InvalidArgumentError(`mode ${shown(mode)} is unknown`, { op, path });
  if (isSequential(mode)) validateSequentialPath(path, op);
  else validatePath(path, op);
  const bytes = data === undefined ? noData : bytesOf(data, { op, path });
  const request = { path, data: bytes, acl: options.acl ?? acl };
  if (options.acl !== undefined) checkAcl(options.acl, { op, path });
  const { ttlMs } = options;
  if (ttlMs !== undefined) {
    if (mode !== "persistent" && mode !== "persistent-sequential") {
      throw new InvalidArgumentError(`ttlMs goes with persistent modes only, not ${mode}`, { op, path });
    }
    if (!Number.isInteger(ttlMs) || ttlMs < 1 || ttlMs > maxTtlMs) {
      throw new InvalidArgumentError(`ttlMs ${shown(ttlMs)} is not a whole number within 1..${maxTtlMs}`, {
        op,
        path,
      });
    }
    const sequential = mode === "persistent-sequential";
    const ttlFlags = sequential ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl;
    return { op: "createTtl", ...request, flags: ttlFlags, ttl: BigInt(ttlMs) };
  }
  return { op: mode === "container" ? "createContainer" : "create2", ...request, flags: flags[mode] };
}

/**
 * @throws InvalidArgumentError
 */
export function checkedParents({ parents = false }: CreateOptions, path: string): Parents {
  if (typeof parents === "boolean" || parents === "container") return parents;
  const message = `parents ${shown(parents)} is neither a boolean nor "container"`;
  throw new InvalidArgumentError(message, { op: "create", path });
}

/** The same with the server's path. What is appended to a sequential `/` belongs below the chroot, not beside it. */
export function withServerPath<Create extends CreateOperation>(operation: Create, chroot: Chroot): Create {
  const { path } = operation;
  const below = path === "/" && sequentialFlags.has(operation.flags);
  return { ...operation, path: below ? `${chroot.prefix}/` : chroot.toServer(path) };
}

const sequentialFlags: ReadonlySet<number> = new Set([
  CreateMode.persistentSequential,
  CreateMode.ephemeralSequential,
  CreateMode.persistentSequentialWithTtl,
]);

export function isSequential(mode: CreateModeName | undefined): boolean {
  return mode === "persistent-sequential" || mode === "ephemeral-sequential";
}
