import { createServer } from "node:net";
import { EnsembleError } from "../errors.ts";

/**
 * Below the range Linux takes ports from for outgoing connections: a member that is down must find its port free when it comes back.
 */
const firstPort = 12_000;
const lastPort = 30_000;

/** Processes start looking at different places, and go on where they stopped. */
let next = firstPort + (process.pid % 1000) * 18;

/** Ports of 127.0.0.1 nobody listens at. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = lastPort - firstPort; ports.length < count; tries--) {
    if (tries === 0) throw new EnsembleError(`no ${count} free ports from ${firstPort} to ${lastPort}`);
    const port = next;
    next = next === lastPort ? firstPort : next + 1;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** The first `count` ports of 127.0.0.1 from `first` up that nobody listens at. */
export async function freePortsFrom(first: number, count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = first; ports.length < count; port++) {
    if (port > 65_535) throw new EnsembleError(`no ${count} free ports from ${first} up`);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
