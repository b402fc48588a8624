import { connect } from "@quorate/core";
import { describe, expect, inject, it } from "vitest";
import { startHosts } from "../bench/recipes/hosts.ts";
import { scenarios } from "../bench/recipes/scenarios.ts";
import { ownPath } from "../support/own-path.ts";

// A few operations each, so that the benchmarks do not rot; what they measure is for `npm run bench:recipes`.
describe("the benchmarks' hosts", () => {
  it("run every command that is measured", async () => {
    const { connectString } = inject("zookeeper");
    await using client = await connect(connectString);
    const base = await ownPath(client);
    const hosts = await startHosts();
    try {
      for (const host of hosts) {
        for (const command of new Set(scenarios.map((scenario) => scenario.command))) {
          const numbers = command === "cycles" ? [2, 2, 4, 8] : [3];
          const sample = await host.measure(command, connectString, `${base}/${host.name}`, numbers);
          expect(sample.opsPerSecond).toBeGreaterThan(0);
        }
      }
    } finally {
      for (const host of hosts) await host[Symbol.asyncDispose]();
    }
  });
});
