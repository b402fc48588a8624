import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Ending } from "../history/history.ts";
import type { LogRecord } from "../history/records.ts";
import type { Settings } from "../worker/settings.ts";
import { JsonLines } from "./json-lines.ts";

const workerFile = fileURLToPath(new URL("../worker/main.ts", import.meta.url));

type Begun = Extract<LogRecord, { kind: "begin" }>;

/** The operating-system process of one contender, and its log. */
export class ContenderProcess {
  readonly settings: Settings;
  readonly #child: ChildProcess;
  readonly #log: JsonLines<LogRecord>;
  readonly #exited: Promise<Ending>;
  #ending: Ending | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
    const args = ["--import", "tsx", "--conditions=@quorate/source", workerFile, JSON.stringify(settings)];
    const child = spawn(execPath, args, { stdio: ["pipe", "ignore", "pipe"] });
    child.stdin.on("error", () => {});
    this.#child = child;
    this.#log = new JsonLines(settings.logFile);
    this.#exited = Promise.all([once(child, "close"), text(child.stderr)]).then(([[status], stderr]) => {
      this.#ending ??= { kind: "exited", status: status as number | null, stderr };
      return this.#ending;
    });
  }

  get name(): string {
    return this.settings.name;
  }

  /** How it ended; undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  records(): readonly LogRecord[] {
    return this.#log.records();
  }

  get isStarted(): boolean {
    return this.records().some(({ kind }) => kind === "started");
  }

  /** What it holds just now, of these; the newest of several. */
  holding(which: (begun: Begun) => boolean): Begun | undefined {
    const records = this.records();
    const over = new Set<number>();
    for (const record of records.toReversed()) {
      if (record.kind === "release") over.add(record.hold);
      else if (record.kind === "begin" && which(record) && !over.has(record.hold)) return record;
    }
    return undefined;
  }

  /** Its newest session with the servers, be it over. */
  sessionId(): bigint | undefined {
    const record = this.records().findLast((one) => one.kind === "session" && one.of === "contender");
    return record?.kind === "session" ? BigInt(record.id) : undefined;
  }

  /** Whether it knows that this session is over. */
  knowsEndOf(sessionId: bigint): boolean {
    return this.records().some(
      (record) => record.kind === "session-ended" && record.of === "contender" && BigInt(record.id) === sessionId,
    );
  }

  /** SIGSTOP: not one instruction more until `thaw()`. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }

  /** SIGKILL. @param why what is noted as its ending if it still ran */
  async kill(why: "killed" | "hung"): Promise<void> {
    this.#ending ??= { kind: why };
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Tells it to finish and waits until it is gone, by force after `boundMs`. */
  async finish(boundMs: number): Promise<void> {
    this.#child.stdin?.end();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const bound = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), boundMs);
    });
    const ending = await Promise.race([this.#exited, bound]);
    clearTimeout(timer);
    if (ending === undefined) await this.kill("hung");
  }
}
