/** Milliseconds since 1970, whole: what stats carry. Goes with the monotonic clock, so that fake timers drive it too. */
export function wallClockMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
