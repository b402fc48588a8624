import { isatty } from "node:tty";
import { createColors } from "picocolors";
import { codeOf } from "./exit-status.ts";
import { safeLine } from "./safe-text.ts";

type Colors = ReturnType<typeof createColors>;

/** Where a command's results go (stdout), and what is told beside them (stderr). */
export class Output {
  readonly isJson: boolean;
  readonly isTerminal: boolean = isatty(process.stdout.fd);
  readonly colors: Colors;
  readonly #isQuiet: boolean;

  constructor({ json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean } = {}) {
    this.isJson = json;
    this.#isQuiet = quiet;
    this.colors = createColors(!json && wantsColors(this.isTerminal));
  }

  /** One line of text. What comes from others has to be made safe before. */
  line(text = ""): void {
    process.stdout.write(`${text}\n`);
  }

  bytes(bytes: Uint8Array): void {
    process.stdout.write(bytes);
  }

  /** The result as a whole: a JSON document, or whatever `print` prints. */
  result(value: unknown, print: () => void): void {
    if (this.isJson) this.line(toJson(value, 2));
    else print();
  }

  /** One of many results that come in the course of time: a JSON document on one line, or a line of text. */
  event(value: unknown, text: string): void {
    this.line(this.isJson ? toJson(value) : text);
  }

  /** Rows under a heading, in columns. Cells have to be safe. */
  async table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
    this.line(await columns([head.map((cell) => this.colors.bold(cell)), ...rows]));
  }

  /** Beside the results: what is going on, advice. */
  note(text: string): void {
    if (!this.#isQuiet) process.stderr.write(`${text}\n`);
  }

  /** A message of something that deserves attention, whatever `--quiet` says. */
  warn(text: string): void {
    process.stderr.write(`warning: ${text}\n`);
  }

  failure(error: unknown): void {
    const message = messageOf(error);
    const path = typeof error === "object" && error !== null && "path" in error ? error.path : undefined;
    const shown = { error: { code: codeOf(error) ?? "FAILED", message, ...(path === undefined ? {} : { path }) } };
    process.stderr.write(this.isJson ? `${toJson(shown)}\n` : `quorate: ${safeLine(message)}\n`);
  }

  /** Tells on stderr what takes longer than a second. */
  async progress<T>(what: string, work: Promise<T>): Promise<T> {
    if (this.#isQuiet) return work;
    const startedAt = performance.now();
    const isTerminal = isatty(process.stderr.fd);
    let hasShown = false;
    const show = (): void => {
      if (hasShown && !isTerminal) return;
      hasShown = true;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      process.stderr.write(isTerminal ? `\r\x1b[2K${what} (${seconds} s)` : `${what} ...\n`);
    };
    const timer = setInterval(show, 1000);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      if (hasShown && isTerminal) process.stderr.write("\r\x1b[2K");
    }
  }
}

/** https://no-color.org and https://force-color.org: the former wins. */
function wantsColors(isTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return isTerminal && TERM !== "dumb";
}

async function columns(rows: readonly (readonly string[])[]): Promise<string> {
  const { default: Table } = await import("cli-table3");
  const none = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"];
  const lines = ["left", "left-mid", "mid", "mid-mid", "right", "right-mid"];
  const table = new Table({
    chars: { ...Object.fromEntries([...none, ...lines].map((name) => [name, ""])), middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** 64-bit values are decimal strings: JSON's numbers cannot hold them. */
export function toJson(value: unknown, indent?: number): string {
  const replacer = (_key: string, part: unknown): unknown => (typeof part === "bigint" ? part.toString() : part);
  return JSON.stringify(value, replacer, indent);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
