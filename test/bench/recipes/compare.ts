import { type Client, connect } from "@quorate/core";
import { markdownTable } from "markdown-table";
import { measure, medianOf, type Sample } from "../measure.ts";
import { entryOf } from "./entry.ts";
import type { Host } from "./host.ts";
import { type LibraryName, nodeHost } from "./hosts.ts";
import type { Scenario, Target } from "./scenarios.ts";

export interface Result {
  readonly scenario: string;
  readonly library: LibraryName;
  readonly median: Sample;
  readonly samples: readonly Sample[];
}

export interface CompareOptions {
  readonly hosts: readonly Host<LibraryName>[];
  /** One address for each client in turn. */
  readonly servers: string;
  readonly rounds: number;
  /** Everything happens below it. */
  readonly base: string;
}

/** Rounds that do not count: the compilers of all three take thousands of operations to get through. */
const warmUpRounds = 4;

/** Every scenario by every host, taking turns round by round. */
export async function compare(scenarios: readonly Scenario[], options: CompareOptions): Promise<Result[]> {
  await using client = await connect(options.servers);
  const results: Result[] = [];
  for (const scenario of scenarios) results.push(...(await compareOne(scenario, options, client)));
  await client.delete(options.base, { recursive: true });
  return results;
}

async function compareOne(
  { name, command, numbers, delayMs, instances = 0 }: Scenario,
  { hosts, servers, rounds, base }: CompareOptions,
  client: Client,
): Promise<Result[]> {
  await using proxy = delayMs === undefined ? undefined : nodeHost("delay-proxy", "delay-proxy.ts");
  const target =
    proxy === undefined ? servers : (await proxy.ask<{ servers: string }>("delay", servers, delayMs ?? 0)).servers;
  const samples = hosts.map((): Sample[] => []);
  const directories = hosts.map((host) => `${base}/${host.name}-${name.replaceAll(/\W+/g, "-")}`);
  for (const directory of directories) {
    await client.create(`${directory}/orders`, null, { parents: true });
    await measure(instances, 100, (index) => client.create(`${directory}/orders/${index}`, entryOf(index)));
  }
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    for (const [index, host] of hosts.entries()) {
      const sample = await host.measure(command, target, directories[index] ?? base, numbers);
      if (round >= warmUpRounds) samples[index]?.push(sample);
    }
  }
  return hosts.map((host, index) => {
    const own = samples[index] ?? [];
    return { scenario: name, library: host.name, samples: own, median: medianOf(own) };
  });
}

/** Ours in relation to theirs. */
function ratioOf(figure: Target["figure"], ours: Sample, theirs: Sample): number {
  if (figure === "rate") return ours.opsPerSecond / theirs.opsPerSecond;
  return figure === "p50" ? ours.p50Us / theirs.p50Us : ours.cpuUsPerOp / theirs.cpuUsPerOp;
}

export interface Verdict extends Target {
  readonly scenario: string;
  readonly measured: number;
  readonly isMet: boolean;
}

export function verdictsOf(scenarios: readonly Scenario[], results: readonly Result[]): Verdict[] {
  return scenarios.flatMap(({ name, targets }) => {
    const of = (library: LibraryName): Sample | undefined =>
      results.find((result) => result.scenario === name && result.library === library)?.median;
    const ours = of("quorate");
    return targets.flatMap((target) => {
      const theirs = of(target.library);
      if (ours === undefined || theirs === undefined) return [];
      const measured = ratioOf(target.figure, ours, theirs);
      const isMet = target.figure === "rate" ? measured >= target.ratio : measured <= target.ratio;
      return [{ ...target, scenario: name, measured, isMet }];
    });
  });
}

export function resultTable(results: readonly Result[]): string {
  const rows = results.map(({ scenario, library, median }) => {
    const ours = results.find((result) => result.scenario === scenario && result.library === "quorate")?.median;
    const ratio = (figure: Target["figure"]): string =>
      ours === undefined || library === "quorate" ? "" : ratioOf(figure, ours, median).toFixed(2);
    const { opsPerSecond, p50Us, p99Us, cpuUsPerOp } = median;
    const figures = [opsPerSecond.toFixed(0), p50Us.toFixed(0), p99Us.toFixed(0), cpuUsPerOp.toFixed(0)];
    return [scenario, library, ...figures, ratio("rate"), ratio("p50"), ratio("cpu")];
  });
  const head = ["scenario", "client", "a second", "p50 µs", "p99 µs", "CPU µs each"];
  const ratios = ["Quorate's rate / this", "Quorate's p50 / this", "Quorate's CPU / this"];
  const align = ["l", "l", ...Array.from({ length: 7 }, () => "r")];
  return markdownTable([[...head, ...ratios], ...rows], { align });
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ scenario, figure, library, ratio, measured, isMet }) => [
    scenario,
    `${figure} beside ${library}`,
    `${figure === "rate" ? "at least" : "at most"} ${ratio}`,
    measured.toFixed(2),
    isMet ? "yes" : "no",
  ]);
  return markdownTable([["scenario", "target", "", "measured", "met"], ...rows], { align: ["l", "l", "l", "r", "l"] });
}
