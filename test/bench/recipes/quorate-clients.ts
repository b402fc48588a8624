import { type Client, connect } from "@quorate/core";
import { cpuMsSince } from "../measure.ts";

const clients = new Map<string, Promise<Client>>();

/** One session for each number; the first is with the first of the servers, and so on. */
export function clientOf(servers: string, index: number): Promise<Client> {
  const key = `${servers} ${index}`;
  const all = servers.split(",");
  const known = clients.get(key) ?? connect(all[index % all.length] ?? servers, { sessionTimeoutMs: 30_000 });
  clients.set(key, known);
  return known;
}

/** For as many sessions as are asked for. */
export function clientsOf(servers: string, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => clientOf(servers, index)));
}

export async function measured(latenciesUs: Float64Array, run: () => Promise<unknown>): Promise<object> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run();
  return { elapsedMs: performance.now() - start, cpuMs: cpuMsSince(cpu), latenciesUs: [...latenciesUs] };
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
