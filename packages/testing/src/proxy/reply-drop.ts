import type { OpCode } from "@quorate/protocol";

/** Names of ZooKeeper's operations on the wire, such as `"create2"`, `"multi"`, `"setData"`. */
export type WireOp = keyof typeof OpCode;

/** Which request's reply to drop; what is left out matches everything but pings. */
export interface ReplyMatch {
  readonly op?: WireOp | readonly WireOp[];
  /** The request's path as it goes over the wire (chroot included); of a `multi`, any of its operations' paths. */
  readonly path?: string | RegExp;
  /** So many matching requests pass first. Default 0. */
  readonly skip?: number;
}

/** A request seen on the wire. */
export interface SeenRequest {
  readonly op: WireOp | undefined;
  /** Decodes the request's paths. */
  paths(): readonly string[];
}

/**
 * `armed`: waits for a matching request. `forwarded`: the request went to the server, its reply is awaited. `dropped`: the server has
 * answered, the reply was swallowed and the connection cut. `cancelled`: by `cancel()` or the proxy's end.
 */
export type ReplyDropState = "armed" | "forwarded" | "dropped" | "cancelled";

/** One armed fault of `FaultProxy.dropReply`. */
export class ReplyDrop {
  readonly #match: ReplyMatch;
  readonly #settle: (state: "dropped" | "cancelled") => void;
  #state: ReplyDropState = "armed";
  /** Matching requests that are still to pass. */
  #toPass: number;
  /** Settles, always by fulfilment, when the reply has been dropped or the fault was cancelled. */
  readonly settled: Promise<"dropped" | "cancelled">;

  constructor(match: ReplyMatch) {
    this.#match = match;
    this.#toPass = match.skip ?? 0;
    let settle: (state: "dropped" | "cancelled") => void = () => {};
    this.settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  get state(): ReplyDropState {
    return this.#state;
  }

  /** Lets replies pass again. Without effect once the reply has been dropped. */
  cancel(): void {
    this.#finish("cancelled");
  }

  /** @internal Whether this request is the one; it then counts as forwarded. */
  takes(request: SeenRequest): boolean {
    if (this.#state !== "armed" || !this.#matches(request)) return false;
    if (this.#toPass-- > 0) return false;
    this.#state = "forwarded";
    return true;
  }

  /** @internal */
  dropped(): void {
    this.#finish("dropped");
  }

  /** @internal The connection went down before the server answered, so nobody knows whether the request was applied: wait for another. */
  rearm(): void {
    if (this.#state === "forwarded") this.#state = "armed";
  }

  #finish(state: "dropped" | "cancelled"): void {
    if (this.#state === "dropped" || this.#state === "cancelled") return;
    this.#state = state;
    this.#settle(state);
  }

  #matches(request: SeenRequest): boolean {
    const { op, path } = this.#match;
    if (op === undefined ? request.op === "ping" : ![op].flat().some((wanted) => wanted === request.op)) return false;
    if (path === undefined) return true;
    return request.paths().some((seen) => (typeof path === "string" ? path === seen : seen.search(path) !== -1));
  }
}
