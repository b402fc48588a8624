import { ErrorCode } from "@quorate/protocol";
import type { Bounds } from "../bounds/bounded.ts";
import { errorFromServer, ServerError } from "../errors/server-errors.ts";
import type { CreateNodeOptions } from "../operations/creation.ts";
import type { Data } from "../operations/data.ts";
import type { Transaction, TransactionResult } from "../operations/transaction.ts";
import type { LeaseTransaction } from "./lease.ts";

/** A holder's znode that guards a transaction. */
export interface Fence {
  /** Checked before anything else in the transaction. */
  readonly path: string;
  /** @throws LeaseLostError */
  assertHeld(): void;
  /** Told that the server found the holder's znode gone; returns what to throw. */
  gone(cause?: ServerError): Error;
}

export class FencedTransaction implements LeaseTransaction {
  readonly #inner: Transaction;
  readonly #fences: readonly Fence[];

  constructor(inner: Transaction, fences: readonly Fence[]) {
    for (const { path } of fences) inner.check(path);
    this.#inner = inner;
    this.#fences = fences;
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
    for (const fence of this.#fences) fence.assertHeld();
    try {
      return (await this.#inner.commit(bounds)).slice(this.#fences.length);
    } catch (error) {
      if (!(error instanceof ServerError) || error.index === undefined) throw error;
      const { serverCode, op, path, cause, index } = error;
      const fence = this.#fences[index];
      if (fence === undefined) {
        throw errorFromServer(serverCode, { op, path, cause, index: index - this.#fences.length });
      }
      throw serverCode === ErrorCode.NO_NODE ? fence.gone(error) : errorFromServer(serverCode, { op, path, cause });
    }
  }
}
