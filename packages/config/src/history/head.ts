import { entryName, entryNumber } from "./layout.ts";

/** One version in the history's index, as it is in the head's JSON. */
export interface HistoryRecord {
  /** Name of the znode below the head that holds this version's bytes. */
  readonly entry: string;
  readonly version: number;
  readonly author?: string | undefined;
  /** Tells one's own write after its answer was lost. */
  readonly id?: string | undefined;
  /** Decimal; left out for the newest, where it is the head's own mzxid. */
  readonly mzxid?: string | undefined;
  /** Milliseconds since 1970 by the server's clock; left out for the newest. */
  readonly time?: number | undefined;
  /** The mzxid of the version whose bytes were written again. */
  readonly rollbackOf?: string | undefined;
}

/** Oldest first. */
export function recordsIn(data: Uint8Array | null): HistoryRecord[] | undefined {
  try {
    const { format, versions } = JSON.parse(Buffer.from(data ?? []).toString()) as {
      readonly format: unknown;
      readonly versions: HistoryRecord[];
    };
    return format === 1 && versions.every(({ entry }) => entryNumber(entry) >= 0) ? versions : undefined;
  } catch {
    return undefined;
  }
}

export function headData(versions: readonly HistoryRecord[]): string {
  return JSON.stringify({ format: 1, versions });
}

/** Names behind all of these. */
export function nextEntry(records: readonly HistoryRecord[], taken: readonly string[]): (offset: number) => string {
  const newest = Math.max(0, ...records.map(({ entry }) => entryNumber(entry)), ...taken.map(entryNumber));
  return (offset) => entryName(newest + 1 + offset);
}
