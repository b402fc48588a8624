import type { Capability } from "@quorate/core";
import type { OperationName } from "@quorate/protocol";
import type { Script, Step } from "./steps.ts";

const byOperation: Partial<Record<OperationName, Capability>> = {
  create2: "create2",
  createContainer: "containers",
  createTtl: "ttl",
  getAcl: "get-acl",
  multi: "transactions",
  multiRead: "transactions",
  addWatch: "persistent-watches",
  removeWatches: "remove-watches",
  checkWatches: "remove-watches",
  getEphemerals: "ephemerals",
  getAllChildrenNumber: "count-descendants",
  whoAmI: "who-am-i",
  reconfig: "reconfig",
};

/** What a driver has to be able to do to perform the script. */
export function neededBy({ steps }: Script): ReadonlySet<Capability> {
  return new Set(steps.flatMap(neededByStep));
}

function neededByStep(step: Step): readonly Capability[] {
  switch (step.do) {
    case "open":
      return step.options.sasl === undefined ? [] : ["sasl"];
    case "away":
      return step.meanwhile.flatMap(neededByStep);
    case "request": {
      const { op } = step.operation;
      const needed = byOperation[op];
      return needed === undefined ? [] : [needed];
    }
    default:
      return [];
  }
}
