/** Runs the job against the ensemble QUORATE_CONNECT names, or against one of its own that lasts as long as the job. */
import { ZooKeeperEnsemble } from "@quorate/testing";

if (process.env["QUORATE_CONNECT"]) {
  await import("./main.ts");
} else {
  console.log("QUORATE_CONNECT is not set: starting three ZooKeeper servers");
  await using ensemble = await ZooKeeperEnsemble.start({ nodes: 3 });
  process.env["QUORATE_CONNECT"] = ensemble.connectString;
  await import("./main.ts");
}
