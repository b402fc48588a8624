import type { Client, ConnectionState, Watch, ZnodeEvent } from "@quorate/core";

/** The client's states from now on, as they come; ends with the client. */
export function statesOf(client: Client): readonly ConnectionState[] {
  const states: ConnectionState[] = [];
  void (async () => {
    for await (const state of client.states()) states.push(state);
  })();
  return states;
}

/** A watch's events, read as they come: `type` and `path` in one word, such as `deleted /a`. */
export function eventsOf(watch: Watch): readonly string[] {
  const events: string[] = [];
  void (async () => {
    for await (const event of watch) events.push(inWords(event));
  })();
  return events;
}

function inWords({ type, path }: ZnodeEvent): string {
  return `${type} ${path}`;
}

/** What came after the last gap. */
export function sinceResync(events: readonly string[]): readonly string[] {
  return events.slice(events.findLastIndex((event) => event.startsWith("resync ")) + 1);
}

/** How a promise ended. */
export type Ending<T> = { readonly value: T } | { readonly error: Error & { code?: string; outcome?: string } };

export async function ending<T>(promise: Promise<T>): Promise<Ending<T>> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: error as Error };
  }
}
