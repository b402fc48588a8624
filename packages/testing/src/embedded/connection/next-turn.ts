/**
 * Runs something in the event loop's next turn. Taken when the module loads: bytes flow through memory as they do through a socket,
 * whatever becomes of the clocks later. Not in microtasks, or a client that waits for nothing else would starve the timers.
 */
export const nextTurn: (run: () => void) => void = setImmediate;
