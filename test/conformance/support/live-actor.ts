import { type Driver, type DriverSession, type Logger, type ServerAddress, systemRandom } from "@quorate/core";
import type { Operation, WatchEventType } from "@quorate/protocol";
import { FaultProxy } from "@quorate/testing";
import { eventually } from "../../support/eventually.ts";
import { sessionBounds } from "./settings.ts";
import type { ActorOptions } from "./steps.ts";

export interface Seen {
  readonly type: WatchEventType;
  readonly path: string;
}

type State = "connecting" | "connected" | "expired" | "refused" | "closed";

/** One session of a script, opened by the driver under test through a proxy that can take its server away. */
export class LiveActor {
  readonly name: string;
  readonly #session: DriverSession;
  readonly #proxy: FaultProxy;
  #state: State = "connecting";
  #events: Seen[] = [];
  sessionId = 0n;

  private constructor(name: string, driver: Driver, proxy: FaultProxy, options: ActorOptions) {
    this.name = name;
    this.#proxy = proxy;
    const connecting = (): void => {
      this.#state = "connecting";
    };
    this.#session = driver.open(
      {
        servers: [{ host: proxy.host, port: proxy.port }],
        sessionTimeoutMs: options.sessionTimeoutMs ?? sessionBounds.maxMs,
        attemptTimeoutMs: 3_000,
        readOnly: false,
        // Far above the servers' limit: what they say to it is theirs to tell.
        maxRequestBytes: 8 * 1024 * 1024,
        credentials: options.credentials ?? [],
        sasl: options.sasl,
        tls: undefined,
        random: systemRandom,
        logger: silent,
      },
      {
        connected: ({ sessionId }) => {
          this.#state = "connected";
          this.sessionId = sessionId;
        },
        disconnected: connecting,
        attemptFailed: () => {},
        expired: () => {
          this.#state = "expired";
        },
        authFailed: () => {
          this.#state = "refused";
        },
        watch: ({ type, path }) => this.#events.push({ type, path }),
      },
    );
  }

  static async open(name: string, driver: Driver, server: ServerAddress, options: ActorOptions): Promise<LiveActor> {
    const actor = new LiveActor(name, driver, await FaultProxy.listen({ target: server }), options);
    await actor.settled();
    return actor;
  }

  get state(): State {
    return this.#state;
  }

  request(operation: Operation): Promise<unknown> {
    return this.#session.request(operation);
  }

  present(scheme: string, credential: Uint8Array): Promise<void> {
    return this.#session.addCredential({ scheme, credential });
  }

  /** Resolves once the session is served, or over. */
  async settled(): Promise<void> {
    await eventually(() => this.#state !== "connecting", { intervalMs: 2 });
  }

  /** Everything the server has told so far has come in: it answers in order. */
  async caughtUp(): Promise<void> {
    if (this.#state === "connecting") await this.settled();
    if (this.#state === "connected") await this.request({ op: "exists", path: "/", watch: false });
  }

  async seen(count: number): Promise<void> {
    await eventually(() => this.#events.length >= count, { intervalMs: 5 });
  }

  takeEvents(): readonly Seen[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  async leave(): Promise<void> {
    this.#proxy.mode = "refuse";
    this.#proxy.cut();
    await eventually(() => this.#state !== "connected", { intervalMs: 2 });
  }

  async comeBack(): Promise<void> {
    this.#proxy.mode = "pass";
    await this.settled();
  }

  async close(): Promise<void> {
    await this.#session.close();
    this.#state = "closed";
    await this.#proxy.close();
  }
}

function ignore(): void {}

const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
