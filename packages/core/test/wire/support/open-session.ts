import { vi } from "vitest";
import type { DriverEvents, DriverOptions, DriverSession, ServerAddress } from "../../../src/driver/driver.ts";
import { silentLogger } from "../../../src/logger.ts";
import type { RandomSource } from "../../../src/random.ts";
import { wireDriver } from "../../../src/wire/wire-driver.ts";
import type { MemoryNetwork } from "./memory-network.ts";

export type Told = {
  [Name in keyof DriverEvents]: { readonly name: Name; readonly details: Parameters<DriverEvents[Name]>[0] };
}[keyof DriverEvents];

/** Everything the driver told, in order. */
export class Recorder implements DriverEvents {
  readonly told: Told[] = [];
  connected = this.#recorder("connected");
  disconnected = this.#recorder("disconnected");
  attemptFailed = this.#recorder("attemptFailed");
  expired = this.#recorder("expired");
  authFailed = this.#recorder("authFailed");
  watch = this.#recorder("watch");

  get names(): string[] {
    return this.told.map(({ name }) => name);
  }

  all<Name extends keyof DriverEvents>(name: Name): Parameters<DriverEvents[Name]>[0][] {
    return this.told.filter((event) => event.name === name).map(({ details }) => details as never);
  }

  #recorder<Name extends keyof DriverEvents>(name: Name): DriverEvents[Name] {
    return ((details: never) => void this.told.push({ name, details } as never)) as unknown as DriverEvents[Name];
  }
}

/** Never shuffles: the first of what is left is always taken last by Fisher-Yates with this number. */
export const steadyRandom: RandomSource = {
  float: () => 0.999_999,
  uuid: () => "00000000-0000-4000-8000-000000000000",
};

export const oneServer: readonly ServerAddress[] = [{ host: "10.0.0.1", port: 2181 }];

export interface Opened {
  readonly session: DriverSession;
  readonly events: Recorder;
}

export function open(network: MemoryNetwork, overrides: Partial<DriverOptions> = {}): Opened {
  const events = new Recorder();
  const options: DriverOptions = {
    servers: oneServer,
    sessionTimeoutMs: 6000,
    attemptTimeoutMs: 1000,
    readOnly: false,
    maxRequestBytes: 1_048_575,
    credentials: [],
    sasl: undefined,
    tls: undefined,
    random: steadyRandom,
    logger: silentLogger,
    ...overrides,
  };
  return { session: wireDriver({ transport: network }).open(options, events), events };
}

/** Waits, with real timers, for what must come soon. */
export async function until(condition: () => boolean, what: string = condition.toString()): Promise<void> {
  for (let tries = 0; tries < 5000; tries++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never came true: ${what}`);
}

export async function openConnected(network: MemoryNetwork, overrides: Partial<DriverOptions> = {}): Promise<Opened> {
  const opened = open(network, overrides);
  await until(() => opened.events.all("connected").length === 1, "connected");
  return opened;
}

export async function rejection(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    () => Promise.reject(new Error("it was expected to reject")),
    (error: Error) => error,
  );
}

/** Advances fake time, and lets everything that follows from it in memory happen: that takes microtasks, but no time. */
export async function advance(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  for (let turns = 0; turns < 200; turns++) await Promise.resolve();
}
