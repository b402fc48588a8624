import { ReplyDrop, type ReplyMatch, type SeenRequest } from "../../proxy/reply-drop.ts";

/** `before`: the request is never looked at. `after`: it is applied, and its reply lost. Either way the client loses its connection. */
export type FailureMoment = "before" | "after";

export interface FailureMatch extends ReplyMatch {
  readonly when: FailureMoment;
}

interface Armed {
  readonly drop: ReplyDrop;
  readonly when: FailureMoment;
}

/** The requests that are to fail. Each failure strikes once. */
export class Failures {
  readonly #armed = new Set<Armed>();

  add({ when, ...match }: FailureMatch): ReplyDrop {
    const armed: Armed = { drop: new ReplyDrop(match), when };
    this.#armed.add(armed);
    const remove = (): void => {
      this.#armed.delete(armed);
    };
    void armed.drop.settled.then(remove, remove);
    return armed.drop;
  }

  get isEmpty(): boolean {
    return this.#armed.size === 0;
  }

  /** Whether, and when, this request fails. */
  strike(request: SeenRequest): FailureMoment | undefined {
    for (const { drop, when } of this.#armed) {
      if (!drop.takes(request)) continue;
      drop.dropped();
      return when;
    }
    return undefined;
  }

  clear(): void {
    for (const { drop } of this.#armed) drop.cancel();
  }
}
