import type { MultiOperation, MultiResult, Stat } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { InvalidArgumentError } from "../errors/client-errors.ts";
import { validatePath } from "../paths/path.ts";
import type { Caller } from "./caller.ts";
import { type CreateNodeOptions, type CreationDefaults, creation, withServerPath } from "./creation.ts";
import { bytesOf, checkedVersion, type Data, versionIn } from "./data.ts";

/** What one operation of a committed transaction did. */
export type TransactionResult =
  | { readonly op: "check"; readonly path: string }
  /** Servers up to 3.9 tell the stat of containers and TTL nodes only (org.apache.zookeeper.MultiOperationRecord). */
  | { readonly op: "create"; readonly path: string; readonly stat: Stat | undefined }
  | { readonly op: "set"; readonly path: string; readonly stat: Stat }
  | { readonly op: "delete"; readonly path: string };

/**
 * Collects writes and commits them as one: all or none. Arguments are checked as they are added. Good for one `commit()`.
 */
export class Transaction {
  readonly #caller: Caller;
  readonly #defaults: CreationDefaults;
  readonly #operations: MultiOperation[] = [];
  #committed = false;

  constructor(caller: Caller, defaults: CreationDefaults) {
    this.#caller = caller;
    this.#defaults = defaults;
  }

  /** Fails the transaction unless the znode exists and has this version (-1, the default: any). */
  check(path: string, version?: number): this {
    validatePath(path, "check");
    return this.#add({ op: "check", path, version: checkedVersion(version, { op: "check", path }) });
  }

  create(path: string, data?: Data, options: CreateNodeOptions = {}): this {
    this.#operations.push(withServerPath(creation(path, data, options, this.#defaults), this.#caller.chroot));
    return this;
  }

  set(path: string, data: Data, options: { readonly version?: number } = {}): this {
    validatePath(path, "set");
    const version = versionIn(options, { op: "set", path });
    return this.#add({ op: "setData", path, data: bytesOf(data, { op: "set", path }), version });
  }

  delete(path: string, options: { readonly version?: number } = {}): this {
    validatePath(path, "delete");
    return this.#add({ op: "delete", path, version: versionIn(options, { op: "delete", path }) });
  }

  /**
   * Applies everything or nothing. Never repeated over connection loss: what became of it is unknown then.
   *
   * @returns one result for each operation, in order
   * @throws UnsupportedError, before anything is sent, if the driver has no transactions; the ServerError of the first operation that failed, with its `index`
   */
  async commit(bounds: Bounds = {}): Promise<TransactionResult[]> {
    if (this.#committed) throw new InvalidArgumentError("this transaction was committed before", { op: "transaction" });
    this.#committed = true;
    if (this.#operations.length === 0) return [];
    const { results } = await this.#caller.call({ op: "multi", operations: this.#operations }, "write", bounds);
    return results.map((result, index) => this.#resultOf(result, this.#operations[index] as MultiOperation));
  }

  #add(operation: MultiOperation): this {
    this.#operations.push({ ...operation, path: this.#caller.chroot.toServer(operation.path) });
    return this;
  }

  #resultOf(result: MultiResult, { path }: MultiOperation): TransactionResult {
    const { toClient } = this.#caller.chroot;
    switch (result.op) {
      case "create":
        return { op: "create", path: toClient(result.path), stat: undefined };
      case "create2":
        return { op: "create", path: toClient(result.path), stat: result.stat };
      case "setData":
        return { op: "set", path: toClient(path), stat: result.stat };
      case "delete":
      case "check":
        return { op: result.op, path: toClient(path) };
      default:
        throw new TypeError(`a committed transaction cannot answer with ${result.op}`);
    }
  }
}
