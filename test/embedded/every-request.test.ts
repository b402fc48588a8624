import { type Client, connect, wireDriver } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Fault, isLoss, type Scenario, type Scene, scenarios } from "./support/scenarios.ts";

/**
 * Each scenario once for every request it sends: that one is lost before it is applied, or its answer is lost, or the session ends with it.
 * Afterwards nothing is left at the server, whatever happened.
 */

let server: EmbeddedServer;

beforeEach(async () => {
  server = await EmbeddedServer.start({ listen: false });
});

afterEach(() => server.stop());

/** With a driver of its own, whose requests alone fail. */
function open(): Promise<Client> {
  return connect(server.connectString, { driver: wireDriver({ transport: server.transport }) });
}

/** @returns false if it sends fewer requests than that */
async function strike(scenario: Scenario, fault: Fault, skip: number): Promise<boolean> {
  const [client, other] = [await open(), await open()];
  const { path } = await other.create(`/${fault}-${skip}`);
  const scene: Scene = { client, other, path };
  try {
    await scenario.prepare?.(scene);
    const { id } = client.session;
    // Requests of all sessions count; the others' come to the same.
    const drop = server.failNext({ when: fault === "before" ? "before" : "after", skip });
    const struck = drop.settled.then((ending) => {
      if (ending === "dropped" && fault === "expired" && server.leaks().sessions.includes(id)) server.expireSession(id);
    });
    await scenario.run(scene).catch((error: unknown) => {
      if (fault !== "expired" || !isLoss(error)) throw error;
    });
    const wasStruck = drop.state === "dropped";
    drop.cancel();
    await struck;
    await eventually(() => {
      const { ephemerals, watches } = server.leaks();
      expect({ ephemerals: ephemerals.filter(({ sessionId }) => sessionId !== other.session.id), watches }).toEqual({
        ephemerals: [],
        watches: [],
      });
      return true;
    });
    return wasStruck;
  } finally {
    await client.close();
    await other.close();
  }
}

describe.each(["before", "after", "expired"] as const)("%s", (fault) => {
  test.each(scenarios.filter(({ excludes }) => excludes !== fault))("$name", async (scenario) => {
    let requests = 0;
    while (await strike(scenario, fault, requests)) requests++;
    expect(requests).toBeGreaterThan(2);
  });
});
