import { versions } from "node:process";

/** Whether the npm package `zookeeper` has to be here: its native part compiles for Node.js up to 25. Then its absence is a failure. */
export const isNativeExpected: boolean = Number.parseInt(versions.node, 10) < 26;
