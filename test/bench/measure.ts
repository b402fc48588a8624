/** What one run of a scenario cost its client. */
export interface Sample {
  readonly opsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** User and system time of the whole client process for each operation. */
  readonly cpuUsPerOp: number;
}

/** Runs `operation` `count` times with `inFlight` of them at a time and measures this process. */
export async function measure(
  count: number,
  inFlight: number,
  operation: (index: number) => Promise<unknown>,
): Promise<Sample> {
  const latenciesUs = new Float64Array(count);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const start = performance.now();
      await operation(index);
      latenciesUs[index] = (performance.now() - start) * 1000;
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return sampleOf(latenciesUs, performance.now() - start, cpuMsSince(cpu));
}

/** Of this process. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function sampleOf(latenciesUs: Float64Array, elapsedMs: number, cpuMs: number): Sample {
  const count = latenciesUs.length;
  latenciesUs.sort();
  return {
    opsPerSecond: count / (elapsedMs / 1000),
    p50Us: latenciesUs[Math.floor(count / 2)] ?? 0,
    p99Us: latenciesUs[Math.floor(count * 0.99)] ?? 0,
    cpuUsPerOp: (cpuMs * 1000) / count,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Figure by figure. */
export function medianOf(samples: readonly Sample[]): Sample {
  const of = (figure: keyof Sample): number => median(samples.map((sample) => sample[figure]));
  return { opsPerSecond: of("opsPerSecond"), p50Us: of("p50Us"), p99Us: of("p99Us"), cpuUsPerOp: of("cpuUsPerOp") };
}
