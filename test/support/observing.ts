import { type ConnectOptions, wireDriver } from "@quorate/core";

/** For clients that only look, or set the scene: whatever driver a suite is run by, these can do everything. */
export const observing: ConnectOptions = { driver: wireDriver() };
