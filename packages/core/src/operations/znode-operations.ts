import { type Acl, type ClientInfo, CreateMode, type Operation, type Stat } from "@quorate/protocol";
import { checkAcl } from "../acl/acl.ts";
import type { Bounds } from "../bounds/bounded.ts";
import { checkedFlag } from "../bounds/options.ts";
import type { Capability } from "../driver/capability.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { NoNodeError } from "../errors/server-errors.ts";
import { ancestors, validatePath } from "../paths/path.ts";
import type { CallBounds, Caller } from "./caller.ts";
import {
  type CreateOperation,
  type CreateOptions,
  type CreationDefaults,
  checkedParents,
  creation,
  isSequential,
  type Parents,
  withServerPath,
} from "./creation.ts";
import { bytesOf, type Data, versionIn } from "./data.ts";
import { deleteRecursively } from "./delete-recursively.ts";
import { createContainerOrPersistent, createParents } from "./parents.ts";
import { createProtected, protectedPath } from "./protected-create.ts";
import { Transaction } from "./transaction.ts";
import { unlessMissing } from "./unless-missing.ts";
import { withinAll } from "./within-all.ts";
import type { BasicOperations, Created, DeleteOptions, NodeAcl, VersionOptions, Znode } from "./znode-types.ts";

/**
 * The operations on znodes, the same on a client (in whatever session it has) and on one session (never replayed into the next).
 *
 * All reject with: InvalidArgumentError before anything is sent; the ServerError subclass of the server's answer; TimeoutError and
 * AbortedError by their bounds; ConnectionLossError when no server could be reached or, for a write, when its answer was lost
 * (`outcome: "unknown"`); SessionExpiredError; ClosedError; UnsupportedError for what
 * the driver cannot do, before anything is sent.
 */
export abstract class ZnodeOperations implements BasicOperations {
  protected abstract readonly caller: Caller;
  protected abstract readonly defaultAcl: readonly Acl[];

  /** What the driver in use can do. What it cannot is rejected at once with UnsupportedError. */
  get capabilities(): ReadonlySet<Capability> {
    return this.caller.capabilities;
  }

  /**
   * Creates a znode. Without `data` it has none: null, or with a driver that cannot write null (see `capabilities`) no bytes.
   *
   * @throws NodeExistsError, NoNodeError (no parent, unless `parents`), NoChildrenForEphemeralsError
   */
  async create(path: string, data?: Data, options: CreateOptions = {}): Promise<Created> {
    const operation = creation(path, data, options, this.#defaults);
    const parents = checkedParents(options, path);
    if (checkedFlag("protected", options.protected, { op: "create", path }))
      return this.#createProtected(operation, parents, options);
    if (parents === false) return this.#createNode(operation, options);
    return withinAll(options, { op: "create", path }, (bounds) => this.#createBranch(operation, parents, bounds));
  }

  get #defaults(): CreationDefaults {
    return { acl: this.defaultAcl, noData: this.caller.noData };
  }

  #createProtected(operation: CreateOperation, parents: Parents, options: CreateOptions): Promise<Created> {
    const { path } = operation;
    if (!isSequential(options.mode)) {
      throw new InvalidArgumentError("protected goes with sequential modes only", { op: "create", path });
    }
    const findable = { ...operation, path: protectedPath(path, this.caller.random.uuid()) };
    const owner = options.mode === "ephemeral-sequential" ? () => this.caller.sessionId : undefined;
    return withinAll(options, { op: "create", path }, (bounds) =>
      createProtected({
        operations: this,
        path: findable.path,
        create: () => this.#createBranch(findable, parents, bounds),
        owner,
        untilKnown: !this.caller.outlivesSession,
        bounds,
      }),
    );
  }

  async #createNode(operation: CreateOperation, bounds: CallBounds): Promise<Created> {
    const { chroot } = this.caller;
    const { path, stat } = await this.caller.call(withServerPath(operation, chroot), "write", bounds);
    return { path: chroot.toClient(path), stat };
  }

  async #createBranch(operation: CreateOperation, parents: Parents, bounds: CallBounds): Promise<Created> {
    const { acl } = operation;
    const request = { op: "create2", data: this.caller.noData, flags: CreateMode.persistent } as const;
    const missing = ancestors(withServerPath(operation, this.caller.chroot).path);
    let refused: Error | undefined;
    for (;;) {
      try {
        return await this.#createNode(operation, bounds);
      } catch (error) {
        if (!(error instanceof NoNodeError) || parents === false) throw error;
        if (refused !== undefined) throw refused;
        // Again and again: containers may be reaped between the two calls.
        refused = await createParents(missing, (path) =>
          parents === "container"
            ? createContainerOrPersistent(this.caller, path, acl, bounds)
            : this.caller.call({ ...request, path, acl }, "write", bounds),
        );
      }
    }
  }

  /** @throws NoNodeError */
  async get(path: string, bounds?: Bounds): Promise<Znode> {
    validatePath(path, "get");
    return this.caller.call({ op: "getData", path: this.caller.chroot.toServer(path), watch: false }, "read", bounds);
  }

  /** @throws NoNodeError, BadVersionError */
  async set(path: string, data: Data, options: VersionOptions = {}): Promise<Stat> {
    validatePath(path, "set");
    const version = versionIn(options, { op: "set", path });
    const reply = await this.caller.call(
      { op: "setData", path: this.caller.chroot.toServer(path), data: bytesOf(data, { op: "set", path }), version },
      version === -1 ? "write" : "checked-write",
      options,
    );
    return reply.stat;
  }

  /** @throws NoNodeError, BadVersionError, NotEmptyError */
  async delete(path: string, options: DeleteOptions = {}): Promise<void> {
    validatePath(path, "delete");
    const version = versionIn(options, { op: "delete", path });
    if (checkedFlag("recursive", options.recursive, { op: "delete", path }))
      return deleteRecursively(this, path, options);
    await this.caller.call(
      { op: "delete", path: this.caller.chroot.toServer(path), version },
      version === -1 ? "write" : "checked-write",
      options,
    );
  }

  /** Undefined if there is no such znode. */
  async exists(path: string, bounds?: Bounds): Promise<Stat | undefined> {
    validatePath(path, "exists");
    const request = { op: "exists", path: this.caller.chroot.toServer(path), watch: false } as const;
    return (await unlessMissing(this.caller.call(request, "read", bounds)))?.stat;
  }

  /**
   * Names of the children, in no particular order.
   *
   * @throws NoNodeError
   */
  async children(path: string, bounds?: Bounds): Promise<string[]> {
    validatePath(path, "children");
    const request = { op: "getChildren", path: this.caller.chroot.toServer(path), watch: false } as const;
    return [...(await this.caller.call(request, "read", bounds)).children];
  }

  /** @throws NoNodeError, NoAuthError */
  async getAcl(path: string, bounds?: Bounds): Promise<NodeAcl> {
    validatePath(path, "getAcl");
    return this.caller.call({ op: "getAcl", path: this.caller.chroot.toServer(path) }, "read", bounds);
  }

  /**
   * Replaces the ACL. `version` is compared with the znode's `aversion`.
   *
   * @throws NoNodeError, BadVersionError, NoAuthError, InvalidAclError
   */
  async setAcl(path: string, acl: readonly Acl[], options: VersionOptions = {}): Promise<Stat> {
    validatePath(path, "setAcl");
    checkAcl(acl, { op: "setAcl", path });
    const version = versionIn(options, { op: "setAcl", path });
    const reply = await this.caller.call(
      { op: "setAcl", path: this.caller.chroot.toServer(path), acl, version },
      version === -1 ? "write" : "checked-write",
      options,
    );
    return reply.stat;
  }

  /** Lets the server catch up with the leader: reads that follow in this session see everything written before. */
  async sync(path: string, bounds?: Bounds): Promise<void> {
    validatePath(path, "sync");
    await this.caller.call({ op: "sync", path: this.caller.chroot.toServer(path) }, "read", bounds);
  }

  /** Several writes as one: all or none. */
  transaction(): Transaction {
    return new Transaction(this.caller, this.#defaults);
  }

  /** Paths of the ephemeral znodes this session owns at or below `prefix`. */
  async ephemerals(prefix: string = "/", bounds?: Bounds): Promise<string[]> {
    validatePath(prefix, "ephemerals");
    const { toServer, toClient } = this.caller.chroot;
    const request = { op: "getEphemerals", prefixPath: toServer(prefix) } as const;
    return (await this.caller.call(request, "read", bounds)).ephemerals.map(toClient);
  }

  /**
   * Number of znodes below `path`, at any depth.
   *
   * @throws NoNodeError
   */
  async countDescendants(path: string, bounds?: Bounds): Promise<number> {
    validatePath(path, "countDescendants");
    const request = { op: "getAllChildrenNumber", path: this.caller.chroot.toServer(path) } as const;
    return (await this.caller.call(request, "read", bounds)).totalNumber;
  }

  /** The identities the server knows this session by. */
  async whoAmI(bounds?: Bounds): Promise<readonly ClientInfo[]> {
    const request: Operation<"whoAmI"> = { op: "whoAmI" };
    return (await this.caller.call(request, "read", bounds)).clientInfo;
  }
}
