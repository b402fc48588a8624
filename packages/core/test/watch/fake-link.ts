import type { Operation, OperationName, Reply, Stat } from "@quorate/protocol";
import { allCapabilities } from "../../src/driver/capabilities.ts";
import type { Capability } from "../../src/driver/capability.ts";
import { ConnectionLossError, SessionExpiredError } from "../../src/errors/client-errors.ts";
import type { SessionLink } from "../../src/session/session-link.ts";

interface Asked {
  readonly operation: Operation;
  resolve(reply: never): void;
  reject(error: Error): void;
}

/** A session whose server is the test: it sees every request and gives each answer. */
export class FakeLink implements SessionLink {
  readonly #controller = new AbortController();
  readonly #waiting: (() => void)[] = [];
  readonly open: Asked[] = [];
  /** Everything ever asked, as `op path detail`. */
  readonly log: string[] = [];
  connected = true;
  capabilities: ReadonlySet<Capability> = allCapabilities;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  request<Name extends OperationName>(operation: Operation<Name>): Promise<Reply<Name>> {
    if (!this.connected) return Promise.reject(new ConnectionLossError("away", { outcome: "not-applied" }));
    this.log.push(describeOperation(operation as Operation));
    return new Promise((resolve, reject) => {
      this.open.push({ operation: operation as Operation, resolve: resolve as (reply: never) => void, reject });
    });
  }

  whenConnected(): Promise<void> {
    if (this.connected) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Answers the oldest open request; an Error refuses it. */
  async answer(reply: object = {}): Promise<void> {
    const asked = this.open.shift();
    if (asked === undefined) throw new Error("nothing was asked");
    if (reply instanceof Error) asked.reject(reply);
    else asked.resolve(reply as never);
    await settle();
  }

  async disconnect(): Promise<void> {
    this.connected = false;
    for (const { reject } of this.open.splice(0)) reject(new ConnectionLossError("away"));
    await settle();
  }

  /** The hub is to be told by the test. */
  connect(): void {
    this.connected = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async end(): Promise<void> {
    this.connected = false;
    const reason = new SessionExpiredError("gone");
    for (const { reject } of this.open.splice(0)) reject(reason);
    this.#controller.abort(reason);
    await settle();
  }

  /** What was asked since the last look. */
  takeLog(): string[] {
    return this.log.splice(0);
  }
}

function describeOperation(operation: Operation): string {
  const path = "path" in operation ? operation.path : "";
  switch (operation.op) {
    case "addWatch":
      return `addWatch ${path} ${operation.mode === 1 ? "recursive" : "persistent"}`;
    case "removeWatches":
      return `removeWatches ${path} ${["", "children", "data", "any"][operation.type]}`;
    case "getData":
    case "exists":
    case "getChildren2":
      return `${operation.op} ${path}${operation.watch ? " watch" : ""}`;
    case "multiRead":
      return `multiRead ${operation.operations.map((read) => read.path).join(" ")}`;
    default:
      return `${operation.op} ${path}`;
  }
}

/** Lets everything that needs no I/O happen. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function stat(zxids: { czxid: number; mzxid?: number; pzxid?: number }): Stat {
  const { czxid, mzxid = czxid, pzxid = czxid } = zxids;
  return {
    czxid: BigInt(czxid),
    mzxid: BigInt(mzxid),
    pzxid: BigInt(pzxid),
    ctime: 0n,
    mtime: 0n,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: 0,
    numChildren: 0,
  };
}
