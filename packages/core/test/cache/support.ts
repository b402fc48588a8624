import type { CachedNode } from "../../src/cache/cached-node.ts";
import { stat } from "../watch/fake-link.ts";

export function cached(path: string, czxid = 1, mzxid = czxid): CachedNode {
  return { path, data: null, stat: stat({ czxid, mzxid }) };
}
