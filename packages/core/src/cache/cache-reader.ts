import type { Stat } from "@quorate/protocol";
import type { Watch, WatchOptions } from "../watch/watch.ts";

/** What a cache needs of a client, in the paths of the application. Each rejects with NoNodeError where there is no such znode. */
export interface CacheReader {
  get(path: string): Promise<{ readonly data: Uint8Array | null; readonly stat: Stat }>;
  stat(path: string): Promise<Stat>;
  list(path: string): Promise<{ readonly children: readonly string[]; readonly stat: Stat }>;
  sync(path: string): Promise<void>;
  watch(path: string, options: WatchOptions): Watch;
}
