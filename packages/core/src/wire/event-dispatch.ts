import type { DriverEvents } from "../driver/driver.ts";
import type { Logger } from "../logger.ts";

/**
 * Calls the driver's events. Each is delivered in a microtask of its own: behind the promise reactions of every reply decoded before it,
 * so that replies and events reach the application in the order they came, and away from the parsing, so that a listener that throws
 * cannot tear it. What a listener throws is logged and goes no further: one faulty listener must not end the session of everyone else.
 */
export class EventDispatch {
  readonly #events: DriverEvents;
  readonly #logger: Logger;
  #muted = false;

  constructor(events: DriverEvents, logger: Logger) {
    this.#events = events;
    this.#logger = logger;
  }

  send<Name extends keyof DriverEvents>(name: Name, ...details: Parameters<DriverEvents[Name]>): void {
    if (this.#muted) return;
    queueMicrotask(() => {
      if (this.#muted) return;
      try {
        (this.#events[name] as (...details: Parameters<DriverEvents[Name]>) => void)(...details);
      } catch (error) {
        this.#logger.error(`a listener of the driver's "${name}" event threw`, { error });
      }
    });
  }

  /** No event from here on, not even one already on its way. */
  mute(): void {
    this.#muted = true;
  }
}
