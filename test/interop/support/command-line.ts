import { startZooKeeperMain } from "./java.ts";
import type { PeerProcess } from "./peer-process.ts";

/** Printed for `version`, which follows every command: what that printed is complete then. */
const versionLine = /^ZooKeeper CLI version: .*$/m;
/** Another thread prints events, line by line, perhaps between the lines of a command. */
const eventLine = /^\n(?:WATCHER::|WatchedEvent state:\w+ type:(\w+) path:(\S+))\n/gm;

/** ZooKeeper's own command line in its interactive mode, one session. */
export class CommandLine implements AsyncDisposable {
  readonly #process: PeerProcess;
  readonly #events: string[] = [];
  #output = "";
  #wake = (): void => {};

  constructor(servers: string) {
    this.#process = startZooKeeperMain(["-waitforconnection", "-server", servers]);
    this.#process.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      this.#output += chunk;
      this.#wake();
    });
    void this.#process.ended.then(() => this.#wake());
  }

  /** The watch events so far, `"NodeCreated /path"`; those of the connection are left out. */
  get events(): readonly string[] {
    this.#takeEvents();
    return this.#events;
  }

  /** Runs one command, and gives what it printed, watch events aside. */
  async run(command: string): Promise<string> {
    this.#process.stdin.write(`${command}\nversion\n`);
    for (;;) {
      this.#takeEvents();
      const end = versionLine.exec(this.#output);
      if (end !== null) {
        const printed = this.#output.slice(0, end.index);
        this.#output = this.#output.slice(end.index + end[0].length + 1);
        return printed.trimEnd();
      }
      await this.#more();
    }
  }

  /** Leaves by `quit`: at the end of its input it would go without closing its session. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.write("quit\n");
    return this.#process[Symbol.asyncDispose]();
  }

  #takeEvents(): void {
    this.#output = this.#output.replace(eventLine, (_, type: string | undefined, path: string) => {
      if (type !== undefined && type !== "None") this.#events.push(`${type} ${path}`);
      return "";
    });
  }

  /** Resolves when there is more output, or will be none. */
  async #more(): Promise<void> {
    let over = false;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
      this.#process.ended.then(() => {
        over = true;
      }),
    ]);
    if (over) throw new Error(`the command line ended: ${this.#output}`);
  }
}
