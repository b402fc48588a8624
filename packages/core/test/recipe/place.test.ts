import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isFirst, lineUp } from "../../src/recipe/place.ts";
import type { WaitingLine } from "../../src/recipe/waiting-line.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { turns } from "../support/turns.ts";

const line: WaitingLine = { directory: "/l", marker: "lock-" };

let opened: Opened;

beforeEach(async () => {
  opened = await openClient();
  opened.driver.tree.create("/l");
});

afterEach(() => opened.client.close());

/** The requests' names, in the order in which they were sent. */
function sent(): string[] {
  return opened.driver.session.takeLog().map((request) => request.split(" ")[0] ?? request);
}

describe("lining up", () => {
  it("lists the line once for all who do so together, behind the last of them", async () => {
    const { session } = opened.client;
    const places = Promise.all(Array.from({ length: 3 }, () => lineUp(session, line)));
    await turns();
    expect(sent()).toEqual(["create2", "create2", "create2", "getChildren"]);
    await opened.driver.session.serve();
    expect((await places).map(isFirst)).toEqual([true, false, false]);
  });

  it("lists anew for who comes later", async () => {
    const { session } = opened.client;
    const first = lineUp(session, line);
    await turns();
    const second = lineUp(session, line);
    await turns();
    expect(sent()).toEqual(["create2", "getChildren", "create2", "getChildren"]);
    await opened.driver.session.serve();
    expect([isFirst(await first), isFirst(await second)]).toEqual([true, false]);
  });

  it("tells each of them when the listing has been asked for, so that more can be asked right behind it", async () => {
    const { session } = opened.client;
    const onListing = (): void => void session.exists("/l").catch(() => {});
    const places = Promise.all([lineUp(session, line, { onListing }), lineUp(session, line, { onListing })]);
    await turns();
    expect(sent()).toEqual(["create2", "create2", "getChildren", "exists", "exists"]);
    await opened.driver.session.serve();
    await places;
  });
});
