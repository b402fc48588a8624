import type { NodeCache, TreeCache } from "@quorate/core";

export type ZnodeCache = NodeCache | TreeCache;
