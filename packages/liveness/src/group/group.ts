import { type Client, type Data, InvalidArgumentError, NoNodeError } from "@quorate/core";
import {
  type Bounds,
  EphemeralNode,
  joinPath,
  type KeepOptions,
  stoppable,
  validatePath,
  within,
} from "@quorate/core/recipe";
import { eventsOf } from "./group-events.ts";
import { bySeniority, type GroupEvent, type Member, memberOf } from "./member.ts";

/** Who is in: the children of one znode. The layout is that of Curator's `GroupMember`: `<path>/<id>`, ephemeral. */
export class Group {
  /** The membership's directory. Made when someone joins, a container where the servers know such. */
  readonly path: string;
  readonly #client: Client;

  /** @throws InvalidArgumentError on a bad path */
  constructor(client: Client, path: string) {
    validatePath(path, "group");
    this.path = path;
    this.#client = client;
  }

  /**
   * Joins under this id and stays in, over lost sessions and deletions, until the node returned is closed. Its `isPresent` tells whether this
   * member is really in. Whoever was in under the same id is replaced.
   *
   * @param id one component of a path
   * @throws InvalidArgumentError; as `EphemeralNode.keep()`
   */
  async join(id: string, data: Data = null, options: KeepOptions = {}): Promise<EphemeralNode> {
    if (typeof id !== "string" || id === "" || id.includes("/")) {
      throw new InvalidArgumentError(`member id ${JSON.stringify(id)} is not one component of a path`, {
        op: "join",
        path: this.path,
      });
    }
    return EphemeralNode.keep(this.#client, joinPath(this.path, id), data, options);
  }

  /** Who is in, by the newest the servers know, longest in first. */
  members(bounds: Bounds = {}): Promise<Member[]> {
    return within(bounds, { op: "members", path: this.path }, async (inner) => {
      // The server in use may lag behind: without this a member just joined might be missing.
      await this.#client.sync(this.path, inner);
      const names = await this.#client.children(this.path, inner).catch(noneIfMissing);
      const members = await Promise.all(names.map((id) => this.#member(id, inner)));
      return members.filter((member) => member !== undefined).sort(bySeniority);
    });
  }

  /**
   * Follows who is in: a snapshot, then what changes. A slow reader gets the changes of one member merged. After a time without a connection,
   * what it missed. Finishes when `signal` aborts or the client is closed.
   *
   * @throws NoAuthError, from the iteration, if the path may not be read
   */
  watch(
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterableIterator<GroupEvent, void, undefined> {
    return stoppable(options.signal, (signal) => this.#watch(signal));
  }

  async *#watch(signal: AbortSignal): AsyncGenerator<GroupEvent, void, undefined> {
    await using cache = await this.#client.cache(this.path, { mode: "children", signal });
    const changes = cache.changes({ signal });
    const members = [...cache.entries()].map(([, node]) => memberOf(node));
    yield { type: "snapshot", members: members.sort(bySeniority) };
    for await (const change of changes) yield* eventsOf(change);
  }

  async #member(id: string, bounds: Bounds): Promise<Member | undefined> {
    const path = joinPath(this.path, id);
    const node = await this.#client.get(path, bounds).catch((error: unknown) => {
      if (error instanceof NoNodeError) return undefined;
      throw error;
    });
    return node && memberOf({ path, ...node });
  }
}

function noneIfMissing(error: unknown): string[] {
  if (error instanceof NoNodeError) return [];
  throw error;
}
