export interface Memory {
  /** The collector's heap and what it keeps outside, bytes. */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** Of this process, after a collection where `--expose-gc` allows one. */
export function memory(): Memory {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, rssBytes: rss };
}

/** What came to be between the two, for each of `count`. */
export function growthOfEach(before: Memory, after: Memory, count: number): Memory {
  return {
    heapBytes: (after.heapBytes - before.heapBytes) / count,
    rssBytes: (after.rssBytes - before.rssBytes) / count,
  };
}
