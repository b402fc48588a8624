import type { Output } from "../shared/output.ts";
import { isoTime, wallClockMs } from "../shared/time.ts";
import type { Player } from "./cast.ts";

const shownLines = 10;
const redrawMs = 100;

/** What the audience sees: on a terminal a picture of all processes that changes, elsewhere a line for each thing that happens. */
export class Stage {
  readonly #out: Output;
  readonly #players: () => readonly Player[];
  readonly #startedAt = performance.now();
  readonly #lines: string[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #height = 0;

  constructor(out: Output, players: () => readonly Player[]) {
    this.#out = out;
    this.#players = players;
    if (this.#isLive) this.#timer = setInterval(() => this.#draw(), redrawMs);
  }

  get #isLive(): boolean {
    return this.#out.isTerminal && !this.#out.isJson;
  }

  /** What comes next, for people. */
  scene(title: string): void {
    this.#add("scene", title, this.#out.colors.bold(title));
  }

  say(text: string): void {
    this.#add("event", text, text);
  }

  /** Leaves the last picture on the terminal. */
  close(): void {
    clearInterval(this.#timer);
    if (this.#isLive) this.#draw();
  }

  #add(type: "scene" | "event", text: string, shown: string): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(1).padStart(5);
    const line = type === "scene" ? shown : `${this.#out.colors.dim(`${seconds} s`)}  ${shown}`;
    if (!this.#isLive) return this.#out.event({ time: isoTime(wallClockMs()), type, text }, line);
    this.#lines.push(line);
    this.#draw();
  }

  #draw(): void {
    const { columns } = process.stdout;
    const picture = [...this.#table(), "", ...this.#lines.slice(-shownLines)];
    // A line that wraps would take two rows, and the picture would creep down.
    const rows = picture.map((line) => `${clipped(line, columns - 1)}\x1b[K`);
    const up = this.#height === 0 ? "" : `\x1b[${this.#height}A`;
    process.stdout.write(`${up}\r${rows.join("\n")}\n\x1b[J`);
    this.#height = rows.length;
  }

  #table(): string[] {
    const { bold, dim, green, yellow, red, cyan } = this.#out.colors;
    const head = bold(`${"PROCESS".padEnd(9)}${"PID".padEnd(9)}${"LOCK".padEnd(22)}${"LEADER".padEnd(9)}SETTING`);
    const rows = this.#players().map((player) => {
      const name = player.name.padEnd(9) + String(player.pid).padEnd(9);
      if (player.end === "killed") return red(`${name}killed`);
      if (player.end === "ended") return dim(`${name}ended`);
      const lock =
        player.lock === "holds" ? green(`holds, token ${player.token}`.padEnd(22)) : yellow(player.lock.padEnd(22));
      return `${name}${lock}${(player.leads ? cyan("leads") : "").padEnd(player.leads ? 9 + cyan("").length : 9)}${player.greeting}`;
    });
    return [head, ...rows];
  }
}

/** Colours take no room. */
function clipped(line: string, width: number): string {
  let room = width;
  return line.replace(/(\x1b\[[\d;]*m)|./gu, (character, color: string | undefined) => {
    if (color !== undefined) return color;
    return room-- > 0 ? character : "";
  });
}
