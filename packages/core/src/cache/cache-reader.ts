import type { Stat } from "@quorate/protocol";
import type { Caller } from "../operations/caller.ts";
import type { Watch, WatchOptions } from "../watch/watch.ts";
import { ReadBatch } from "./read-batch.ts";

/** What a cache needs of a client, in the paths of the application. Reads reject with NoNodeError where there is no such znode. */
export interface CacheReader {
  get(path: string): Promise<{ readonly data: Uint8Array | null; readonly stat: Stat }>;
  stat(path: string): Promise<Stat>;
  list(path: string): Promise<{ readonly children: readonly string[]; readonly stat: Stat }>;
  sync(path: string): Promise<void>;
  watch(path: string, options: WatchOptions): Watch;
}

/** While a server is connected reads are sent at once, a cache's many in one write. */
export function cacheReader(caller: Pick<Caller, "call" | "chroot">, watch: CacheReader["watch"]): CacheReader {
  const { toServer } = caller.chroot;
  const reads = new ReadBatch(caller);
  return {
    get: (path) => reads.get(path),
    stat: async (path) => (await caller.call({ op: "exists", path: toServer(path), watch: false }, "read")).stat,
    list: (path) => caller.call({ op: "getChildren2", path: toServer(path), watch: false }, "read"),
    sync: async (path) => {
      await caller.call({ op: "sync", path: toServer(path) }, "read");
    },
    watch,
  };
}
