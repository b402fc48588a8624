import { type Client, NoNodeError, type Stat } from "@quorate/core";
import type { Bounds } from "@quorate/core/recipe";
import type { Base, Change, ConfigStore, Fate, StoreOptions } from "./store.ts";

/** The znode alone. */
export class PlainStore implements ConfigStore {
  readonly #client: Client;
  readonly #options: StoreOptions;

  constructor(client: Client, options: StoreOptions) {
    this.#client = client;
    this.#options = options;
  }

  async load(bounds: Bounds): Promise<Base> {
    return { node: await nodeAt(this.#client, this.#options.path, bounds) };
  }

  async commit({ node }: Base, { data }: Change, _id: string, bounds: Bounds): Promise<Stat> {
    const { path, acl } = this.#options;
    if (node !== undefined) return this.#client.set(path, data, { ...bounds, version: node.stat.version });
    const { stat } = await this.#client.create(path, data, { ...bounds, parents: true, ...(acl && { acl }) });
    return stat;
  }

  async fate({ node }: Base, { data, isIdempotent }: Change, _id: string, bounds: Bounds): Promise<Fate> {
    await this.#client.sync(this.#options.path, bounds);
    const { node: found } = await this.load(bounds);
    if (found?.stat.mzxid === node?.stat.mzxid) return { kind: "not-applied" };
    const isSame = found !== undefined && Buffer.compare(found.data ?? Buffer.alloc(0), data) === 0;
    if (isSame && isIdempotent === true) return { kind: "applied", stat: found.stat };
    // The one write that could follow the base was another's if it wrote something else. The same may have been written by either.
    const isNext =
      found !== undefined &&
      found.stat.version === (node === undefined ? 0 : node.stat.version + 1) &&
      (node === undefined || found.stat.czxid === node.stat.czxid);
    return { kind: isNext && !isSame ? "not-applied" : "unknown" };
  }
}

export async function nodeAt(client: Client, path: string, bounds: Bounds): Promise<Base["node"]> {
  try {
    return await client.get(path, bounds);
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}
