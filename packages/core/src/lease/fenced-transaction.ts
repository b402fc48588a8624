import { ErrorCode } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { errorFromServer, ServerError } from "../errors/server-errors.ts";
import type { CreateNodeOptions } from "../operations/creation.ts";
import type { Data } from "../operations/data.ts";
import type { Transaction, TransactionResult } from "../operations/transaction.ts";
import type { LeaseTransaction } from "./lease.ts";

export interface Fence {
  /** The holder's znode, checked before anything else in the transaction. */
  readonly path: string;
  /** @throws LeaseLostError */
  assertHeld(): void;
  /** Told that the server found the holder's znode gone; returns what to throw. */
  gone(cause: ServerError): Error;
}

export class FencedTransaction implements LeaseTransaction {
  readonly #inner: Transaction;
  readonly #fence: Fence;

  constructor(inner: Transaction, fence: Fence) {
    this.#inner = inner.check(fence.path);
    this.#fence = fence;
  }

  check(path: string, version?: number): this {
    this.#inner.check(path, version);
    return this;
  }

  create(path: string, data?: Data, options?: CreateNodeOptions): this {
    this.#inner.create(path, data, options);
    return this;
  }

  set(path: string, data: Data, options?: { readonly version?: number }): this {
    this.#inner.set(path, data, options);
    return this;
  }

  delete(path: string, options?: { readonly version?: number }): this {
    this.#inner.delete(path, options);
    return this;
  }

  async commit(bounds?: Bounds): Promise<TransactionResult[]> {
    this.#fence.assertHeld();
    try {
      return (await this.#inner.commit(bounds)).slice(1);
    } catch (error) {
      if (!(error instanceof ServerError) || error.index === undefined) throw error;
      const { serverCode, op, path, cause, index } = error;
      if (index > 0) throw errorFromServer(serverCode, { op, path, cause, index: index - 1 });
      throw serverCode === ErrorCode.NO_NODE
        ? this.#fence.gone(error)
        : errorFromServer(serverCode, { op, path, cause });
    }
  }
}
