import { randomUUID } from "node:crypto";
import { type Driver, openAcl, type ServerAddress, wireDriver } from "@quorate/core";
import { CreateMode, type Operation, QuorateError, type WhoAmIReply } from "@quorate/protocol";
import { LiveActor, type Seen } from "./live-actor.ts";
import { type Place, placed } from "./place.ts";
import type { ActorOptions, Script, Step } from "./steps.ts";

/** What came of one step. */
export interface Outcome {
  readonly step: Step;
  /** How many sessions are away around it. */
  readonly depth: number;
  readonly reply: { readonly ok: unknown } | { readonly error: QuorateError };
  /** What sessions saw from the step before up to now, each in the order it came. */
  readonly events: ReadonlyMap<string, readonly Seen[]>;
}

export interface Performance extends Place {
  readonly outcomes: readonly Outcome[];
  /** Names of the sessions by id. */
  readonly actors: ReadonlyMap<bigint, string>;
}

/** Runs a script's steps one after the other, below a znode of its own at one server. */
export async function perform(script: Script, driver: Driver, server: ServerAddress): Promise<Performance> {
  const director = await LiveActor.open("director", wireDriver(), server, {});
  const stage = new Stage(driver, server, await findPlace(director));
  try {
    await stage.performAll(script.steps, 0);
    return stage.result();
  } finally {
    await stage.close();
    await director.close();
  }
}

async function findPlace(director: LiveActor): Promise<Place> {
  const base = `/conformance-${randomUUID()}`;
  const flags = CreateMode.persistent;
  await director.request({ op: "create2", path: base, data: null, acl: openAcl, flags });
  const { clientInfo } = (await director.request({ op: "whoAmI" })) as WhoAmIReply;
  return { base, address: clientInfo.find(({ authScheme }) => authScheme === "ip")?.user ?? "unknown" };
}

class Stage {
  readonly #driver: Driver;
  readonly #server: ServerAddress;
  readonly #place: Place;
  readonly #live = new Map<string, LiveActor>();
  readonly #names = new Map<bigint, string>();
  readonly #away = new Set<string>();
  readonly #outcomes: Outcome[] = [];

  constructor(driver: Driver, server: ServerAddress, place: Place) {
    this.#driver = driver;
    this.#server = server;
    this.#place = place;
  }

  async performAll(steps: readonly Step[], depth: number): Promise<void> {
    for (const [index, step] of steps.entries()) await this.#perform(step, depth, steps[index + 1]);
  }

  result(): Performance {
    return { ...this.#place, outcomes: this.#outcomes, actors: this.#names };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#live.values()].map((actor) => actor.close()));
  }

  async #perform(step: Step, depth: number, next: Step | undefined): Promise<void> {
    if (step.do === "away") await this.#leave(step, depth);
    const reply = await this.#do(step).then(
      (ok) => ({ ok }),
      (error: unknown) => {
        if (error instanceof QuorateError) return { error };
        throw error;
      },
    );
    this.#outcomes.push({ step, depth, reply, events: await this.#events(next) });
  }

  async #leave(step: Step & { do: "away" }, depth: number): Promise<void> {
    const actor = await this.#actor(step.actor);
    await actor.leave();
    this.#away.add(step.actor);
    this.#outcomes.push({ step, depth, reply: { ok: "away" }, events: new Map() });
    await this.performAll(step.meanwhile, depth + 1);
    this.#away.delete(step.actor);
  }

  async #do(step: Step): Promise<unknown> {
    if (step.do === "open") return this.#open(step.actor, step.options);
    const actor = await this.#actor(step.actor);
    switch (step.do) {
      case "request":
        return actor.request(placed(step.operation as Operation, this.#place));
      case "present":
        return actor.present(step.credential.scheme, step.credential.credential);
      case "away":
        return actor.comeBack().then(() => actor.state);
      case "close":
        // The next step of the same name is that of another session.
        this.#live.delete(step.actor);
        return actor.close();
      case "wait":
        return actor.seen(step.events);
    }
  }

  async #open(name: string, options: ActorOptions): Promise<string> {
    const actor = await LiveActor.open(name, this.#driver, this.#server, options);
    this.#live.set(name, actor);
    this.#names.set(actor.sessionId, name);
    return actor.state;
  }

  async #actor(name: string): Promise<LiveActor> {
    if (!this.#live.has(name)) await this.#open(name, {});
    return this.#live.get(name) as LiveActor;
  }

  /** @param next what a wait waits for may come before it: it is told there, with all that came by then */
  async #events(next: Step | undefined): Promise<ReadonlyMap<string, readonly Seen[]>> {
    const isWaiting = (name: string): boolean => next?.do === "wait" && next.actor === name;
    const here = [...this.#live.values()].filter(({ name }) => !this.#away.has(name) && !isWaiting(name));
    await Promise.all(here.map((actor) => actor.caughtUp()));
    return new Map(here.map((actor) => [actor.name, actor.takeEvents()]));
  }
}
