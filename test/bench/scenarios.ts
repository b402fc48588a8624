import { cpuMsSince, measure, type Sample, sampleOf } from "./measure.ts";
import type { Peer } from "./peers/peer.ts";

/** Runs against a fresh subtree `base` whose children `0`..`99` exist with 100 bytes of data each. */
export type Scenario = (peer: Peer, base: string) => Promise<Sample>;

// A Buffer: one of the clients takes nothing else.
const data = Buffer.alloc(100, "x");

export const scenarios = {
  "sequential get": (peer, base) => measure(2000, 1, (index) => peer.get(`${base}/${index % 100}`)),
  "100 gets in flight": (peer, base) => measure(20_000, 100, (index) => peer.get(`${base}/${index % 100}`)),
  "sequential set": (peer, base) => measure(500, 1, (index) => peer.set(`${base}/${index % 100}`, data)),
  "100 creates in flight": async (peer, base) => {
    const count = 5000;
    const sample = await measure(count, 100, (index) => peer.create(`${base}/new-${index}`, data));
    await measure(count, 100, (index) => peer.delete(`${base}/new-${index}`));
    return sample;
  },
  "10,000 watches": watches,
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

/** Arms 10,000 one-shot watches, changes every znode and waits for every event; an operation is one watch from arming to event. */
async function watches(peer: Peer, base: string): Promise<Sample> {
  const count = 10_000;
  const path = (index: number): string => `${base}/w-${index}`;
  await measure(count, 100, (index) => peer.create(path(index), data));
  const latenciesUs = new Float64Array(count);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let left = count;
  await new Promise<void>((resolve, reject) => {
    const fired = (index: number, armedAt: number): void => {
      latenciesUs[index] = (performance.now() - armedAt) * 1000;
      if (--left === 0) resolve();
    };
    const run = async (): Promise<void> => {
      await measure(count, 100, (index) => {
        const armedAt = performance.now();
        return peer.watch(path(index), () => fired(index, armedAt));
      });
      await measure(count, 100, (index) => peer.set(path(index), data));
    };
    run().catch(reject);
  });
  const sample = sampleOf(latenciesUs, performance.now() - start, cpuMsSince(cpu));
  await measure(count, 100, (index) => peer.delete(path(index)));
  return sample;
}
