/** A worker thread of provoke.ts: asks for the driver, or for the bare binding. */
import { createRequire } from "node:module";
import { type QuorateError } from "@quorate/core";
import { native } from "@quorate/native";

const [by, connectString = ""] = process.argv.slice(2);

interface Zk extends NodeJS.EventEmitter {
  init(config: object): void;
  a_exists(path: string, watch: boolean, done: () => void): number;
}

if (by === "driver") {
  try {
    native();
  } catch (error) {
    const { code, message } = error as QuorateError;
    console.log(JSON.stringify({ code, message }));
  }
} else {
  const Zookeeper = createRequire(import.meta.url)("zookeeper") as new (config: object) => Zk;
  const config = { connect: connectString, timeout: 6000, debug_level: 0, host_order_deterministic: false };
  const zk = new Zookeeper(config);
  zk.on("connect", () => zk.a_exists("/", false, () => process.exit(0)));
  zk.init(config);
}
