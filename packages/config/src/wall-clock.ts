/** The wall clock, for what people read: when a version was written, how old a snapshot is. */

export function wallClockMs(): number {
  // oxlint-disable-next-line no-restricted-globals -- compared with other runs of the process
  return Date.now();
}

export function dateOf(epochMs: number | bigint): Date {
  // oxlint-disable-next-line no-restricted-globals -- what people read
  return new Date(Number(epochMs));
}
