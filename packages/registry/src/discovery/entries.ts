import type { CachedNode } from "@quorate/core";
import { decodeInstance } from "../entry/decode.ts";
import { InvalidEntryError } from "../entry/errors.ts";
import type { PayloadSchema } from "../entry/payload-schema.ts";
import type { ServiceInstance } from "../entry/service-instance.ts";
import { type InstanceFilter, isWanted } from "./filter.ts";

/** An entry that is passed over, as it cannot be understood. */
export interface InvalidEntry {
  /** Its znode. */
  readonly path: string;
  readonly error: InvalidEntryError;
}

/** What an entry is to one who discovers. */
export type Entry<Payload> =
  | { readonly kind: "instance"; readonly instance: ServiceInstance<Payload> }
  /** Not wanted by the filter. */
  | { readonly kind: "filtered" }
  | { readonly kind: "invalid"; readonly error: InvalidEntryError };

export interface EntriesOptions<Payload> {
  readonly schema: PayloadSchema<Payload> | undefined;
  readonly filter: InstanceFilter<Payload> | undefined;
  /** Told once of each state of an entry that cannot be understood. */
  onInvalid(entry: InvalidEntry): void;
}

/** Reads entries, each of their states once. */
export class Entries<Payload> {
  readonly #options: EntriesOptions<Payload>;
  readonly #read = new WeakMap<CachedNode, Entry<Payload>>();

  constructor(options: EntriesOptions<Payload>) {
    this.#options = options;
  }

  of(node: CachedNode): Entry<Payload> {
    const known = this.#read.get(node);
    if (known !== undefined) return known;
    const entry = this.#entryOf(node);
    this.#read.set(node, entry);
    if (entry.kind === "invalid") this.#options.onInvalid({ path: node.path, error: entry.error });
    return entry;
  }

  #entryOf({ path, data }: CachedNode): Entry<Payload> {
    const { schema, filter } = this.#options;
    try {
      const instance = decodeInstance(path, data, schema);
      return isWanted(instance, filter) ? { kind: "instance", instance } : { kind: "filtered" };
    } catch (error) {
      if (error instanceof InvalidEntryError) return { kind: "invalid", error };
      const details = { op: "discover", path, cause: error };
      return { kind: "invalid", error: new InvalidEntryError(`${path}: the filter failed`, details) };
    }
  }
}
