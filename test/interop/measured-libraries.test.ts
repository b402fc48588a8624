import { connect } from "@quorate/core";
import { describe, expect, inject, it } from "vitest";
import { startHosts } from "../bench/recipes/hosts.ts";
import type { Scenario } from "../bench/recipes/scenarios.ts";
import { ownPath } from "../support/own-path.ts";

const few: Readonly<Record<Scenario["command"], readonly number[]>> = {
  cycles: [2, 2, 4, 8],
  handOvers: [3],
  views: [2, 0],
  arrivals: [2],
  fanOut: [3, 2],
};

// A few operations each, so that the benchmarks do not rot; what they measure is for `npm run bench:recipes`.
describe("the benchmarks' hosts", () => {
  it("run every command that is measured", async () => {
    const { connectString } = inject("zookeeper");
    await using client = await connect(connectString);
    const base = await ownPath(client);
    const hosts = await startHosts();
    try {
      for (const host of hosts) {
        await client.create(`${base}/${host.name}/orders`, null, { parents: true });
        for (const [command, numbers] of Object.entries(few)) {
          const sample = await host.measure(command, connectString, `${base}/${host.name}`, numbers);
          expect(sample.opsPerSecond).toBeGreaterThan(0);
        }
      }
    } finally {
      for (const host of hosts) await host[Symbol.asyncDispose]();
    }
  });
});
