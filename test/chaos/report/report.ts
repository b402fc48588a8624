import type { Violation } from "../checker/check.ts";
import type { Counts, Coverage } from "./coverage.ts";

/** What happened in a run, for people to read. */
export function report(coverage: Coverage, violations: readonly Violation[]): string {
  const { holds, shared, waits, losses, writes, faults } = coverage;
  return [
    `holds     ${inWords(holds)}`,
    `beside    ${inWords(shared)}`,
    `waits     ${inWords(waits)}`,
    `losses    ${inWords(losses)}`,
    `writes    ${inWords(writes)}`,
    `faults    ${inWords(faults)}`,
    `violations ${violations.length}`,
    ...violations.slice(0, 50).map(({ rule, what }) => `  ${rule}: ${what}`),
  ].join("\n");
}

export function totalOf(all: readonly Coverage[]): Coverage {
  const total = (counts: (coverage: Coverage) => Counts): Counts => {
    const sums: Record<string, number> = {};
    for (const coverage of all) {
      for (const [name, count = 0] of Object.entries(counts(coverage))) sums[name] = (sums[name] ?? 0) + count;
    }
    return sums;
  };
  return {
    holds: total(({ holds }) => holds),
    shared: total(({ shared }) => shared),
    waits: total(({ waits }) => waits),
    losses: total(({ losses }) => losses),
    writes: total(({ writes }) => writes),
    faults: total(({ faults }) => faults),
  };
}

function inWords(counts: Counts): string {
  const words = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return words.length === 0 ? "none" : words.join(", ");
}
