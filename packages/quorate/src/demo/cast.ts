import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Part, PlayerEvent } from "./events.ts";

const playerFile = fileURLToPath(new URL(`player${extname(import.meta.url)}`, import.meta.url));

/** What is known of one process, by what it tells. */
export interface Player {
  readonly name: string;
  readonly pid: number;
  isUp: boolean;
  lock: "starts" | "waits" | "holds" | "-";
  token: string;
  leads: boolean;
  greeting: string;
  end: "killed" | "ended" | undefined;
}

type Listener = (player: Player, event: PlayerEvent) => void;

/** The processes of the demo. */
export class Cast {
  readonly players: Player[] = [];
  readonly #children = new Map<Player, ChildProcess>();
  readonly #part: Omit<Part, "name" | "port">;
  readonly #listener: Listener;

  constructor(part: Omit<Part, "name" | "port">, listener: Listener) {
    this.#part = part;
    this.#listener = listener;
  }

  get living(): readonly Player[] {
    return this.players.filter(({ end }) => end === undefined);
  }

  get leader(): Player | undefined {
    return this.living.find(({ leads }) => leads);
  }

  enter(name: string): Player {
    // Certificates are bytes, which JSON would not carry.
    const child = fork(playerFile, [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const blank = { isUp: false, lock: "starts", token: "", leads: false, greeting: "", end: undefined } as const;
    const player: Player = { name, pid: child.pid ?? 0, ...blank };
    this.players.push(player);
    this.#children.set(player, child);
    child.on("message", (event: PlayerEvent) => {
      // What it had said before it was killed may still come in.
      if (player.end !== undefined) return;
      note(player, event);
      this.#listener(player, event);
    });
    child.on("exit", (code) => {
      if (player.end !== undefined) return;
      player.end = "ended";
      this.#listener(player, { type: "failed", message: `ended with status ${code ?? "none"}` });
    });
    child.send({ ...this.#part, name, port: 8000 + this.players.length } satisfies Part);
    return player;
  }

  kill(player: Player): void {
    leave(player, "killed");
    this.#children.get(player)?.kill("SIGKILL");
  }

  /** Asks it to end, and waits for that. */
  async dismiss(player: Player): Promise<void> {
    const child = this.#children.get(player);
    leave(player, player.end ?? "ended");
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      timer.unref();
      child.kill("SIGTERM");
    });
  }

  async dismissAll(): Promise<void> {
    await Promise.all(this.players.map((player) => this.dismiss(player)));
  }
}

function leave(player: Player, end: "killed" | "ended"): void {
  player.end = end;
  player.lock = "-";
  player.leads = false;
}

function note(player: Player, event: PlayerEvent): void {
  switch (event.type) {
    case "ready":
      player.isUp = true;
      break;
    case "waiting":
      player.lock = "waits";
      break;
    case "holding":
      player.lock = "holds";
      player.token = event.token;
      break;
    case "released":
      player.lock = "-";
      break;
    case "leading":
    case "following":
      player.leads = event.type === "leading";
      break;
    case "configured":
      player.greeting = event.greeting;
      break;
    case "failed":
      break;
  }
}
