import { InvalidArgumentError } from "../errors/client-errors.ts";

interface Subject {
  readonly op: string;
  readonly path?: string | undefined;
}

/**
 * For callers whom no type checker has stopped.
 *
 * @throws InvalidArgumentError
 */
export function checkOptions(options: unknown, subject: Subject): void {
  if (typeof options === "object" && options !== null) return;
  throw new InvalidArgumentError(
    `the options of ${subject.op} are not an object but ${options === null ? "null" : typeof options}`,
    subject,
  );
}

/**
 * @throws InvalidArgumentError
 */
export function checkedFlag(name: string, value: boolean | undefined, subject: Subject): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new InvalidArgumentError(`${name} ${shown(value)} is not a boolean`, subject);
}

/** Enough of a value to recognise it by. Not for what may hold secrets. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= maxShown ? text : `${text.slice(0, maxShown)}... (${text.length} characters)`;
}

const maxShown = 200;
