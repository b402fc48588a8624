// The wall clock is for what people read, which is all this file does.

/** Now, milliseconds since 1970. */
export function wallClockMs(): number {
  // oxlint-disable-next-line no-restricted-globals
  return Date.now();
}

/** ISO 8601 in UTC. */
export function isoTime(epochMs: number): string {
  // oxlint-disable-next-line no-restricted-globals
  return new Date(epochMs).toISOString();
}

/** Time of day in UTC, to the millisecond. */
export function timeOfDay(epochMs: number = wallClockMs()): string {
  return isoTime(epochMs).slice(11, 23);
}
