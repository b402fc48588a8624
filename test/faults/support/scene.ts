import { type Client, connect } from "@quorate/core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Servers, startServers } from "../../support/servers.ts";
import { Routes } from "./routes.ts";
import { SessionThief } from "./session-thief.ts";

/** Servers for the file, and for each test two clients of them. */
export interface Scene {
  readonly ensemble: Servers;
  /** The way of `client`. */
  readonly routes: Routes;
  /** Behind faults. */
  readonly client: Client;
  /** At the servers themselves. */
  readonly observer: Client;
  /** A path of the test's own. */
  readonly path: string;
  /** The servers end the session of `client`. */
  expire(): Promise<void>;
}

/** Sets the scene before each test of a file, and clears it away. */
export function setScene(name: string, arrange: (scene: Scene) => void): void {
  let ensemble: Servers;
  let clear: () => Promise<void>;
  let count = 0;

  beforeAll(async () => {
    ensemble = await startServers();
  });

  beforeEach(async () => {
    const routes = await Routes.open(ensemble);
    const thief = new SessionThief();
    const observer = await connect(ensemble.connectString, { sessionTimeoutMs: 10_000 });
    const client = await connect(routes.connectString, { driver: thief.driver, sessionTimeoutMs: 4_000 });
    const expire = (): Promise<void> =>
      thief.endSession(client.session.id, ensemble.members[0]?.proxy ?? expect.fail("no member"));
    clear = async () => {
      await client.close();
      await observer.close();
      await routes.close();
    };
    arrange({ ensemble, routes, client, observer, path: `/${name}-${count++}`, expire });
  });

  afterEach(async () => {
    await clear();
    for (const { id } of ensemble.members) await ensemble.start(id);
    await ensemble.ready();
  });

  afterAll(async () => {
    await ensemble?.close();
  });
}
