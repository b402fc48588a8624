import { InvalidArgumentError } from "commander";

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds of `500ms`, `10s`, `1.5m`, `2h`. A number without a unit is refused: half of the world takes it for seconds.
 *
 * @throws InvalidArgumentError of commander
 */
export function parseDuration(text: string): number {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const durationMs = Math.round(Number(amount) * (unitsMs[unit] ?? Number.NaN));
  if (durationMs >= 1 && durationMs < 2 ** 31) return durationMs;
  throw new InvalidArgumentError("A duration is a number with a unit: 500ms, 10s, 5m or 2h.");
}

/** @throws InvalidArgumentError of commander */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("It has to be a whole number from 0 up.");
}

/** @throws InvalidArgumentError of commander */
export function parseVersion(text: string): number {
  const version = Number(text);
  if (/^-?\d+$/.test(text) && version >= -1 && version < 2 ** 31) return version;
  throw new InvalidArgumentError("A version is a whole number; -1 stands for any.");
}

/** For people: `340 ms`, `12.3 s`, `5 min 3 s`, `2 h 10 min`, `3 d 4 h`. */
export function shownDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(durationMs / 1000);
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return `${minutes} min ${seconds % 60} s`;
}
