import { isMainThread } from "node:worker_threads";
import { type Driver, UnsupportedError } from "@quorate/core";
import { netTransport, sessionOpener } from "@quorate/core/driver";
import { loadBinding } from "./binding/load-binding.ts";
import { capabilities } from "./capabilities.ts";
import { NativeConnection } from "./connection/native-connection.ts";

/**
 * The driver over ZooKeeper's C client: the npm package `zookeeper` 7.3, which is a peer dependency and compiled when it is installed. For
 * those who standardise on that client; the default driver of `@quorate/core` does more (see `capabilities`) and needs nothing compiled.
 *
 * @throws UnsupportedError in a worker thread, where the C client would end the process; or if the package `zookeeper` is not installed
 */
export function native(): Driver {
  // Before anything of the binding is touched.
  if (!isMainThread) {
    throw new UnsupportedError(
      "the native driver does not run in worker threads: the C client's binding would end the process there; " +
        "the default driver (wireDriver of @quorate/core) does",
      { op: "connect" },
    );
  }
  const binding = loadBinding();
  const open = sessionOpener({
    transport: netTransport,
    connect: (options, events) => new NativeConnection(binding, options, events),
  });
  return { name: "native", capabilities, open };
}
