import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client } from "../../src/client/client.ts";
import { InvalidArgumentError } from "../../src/errors/client-errors.ts";
import { type Opened, openClient } from "../support/open-client.ts";

let opened: Opened;

beforeAll(async () => {
  opened = await openClient();
});

afterAll(() => opened.client.close());

/** Rejected, or thrown, before anything is sent. */
async function refusalOf(call: (client: Client) => unknown): Promise<Error> {
  const { client, driver } = opened;
  let refusal: unknown;
  try {
    await call(client);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(InvalidArgumentError);
  expect(driver.session.log).toEqual([]);
  expect(client.state).toBe("connected");
  return refusal as Error;
}

const calls: readonly (readonly [op: string, call: (client: Client, options: never) => unknown])[] = [
  ["create", (client, options) => client.create("/a", null, options)],
  ["get", (client, options) => client.get("/a", options)],
  ["set", (client, options) => client.set("/a", null, options)],
  ["delete", (client, options) => client.delete("/a", options)],
  ["exists", (client, options) => client.exists("/a", options)],
  ["children", (client, options) => client.children("/a", options)],
  ["getAcl", (client, options) => client.getAcl("/a", options)],
  ["setAcl", (client, options) => client.setAcl("/a", [{ perms: 1, id: { scheme: "world", id: "anyone" } }], options)],
  ["sync", (client, options) => client.sync("/a", options)],
  ["ephemerals", (client, options) => client.ephemerals("/a", options)],
  ["countDescendants", (client, options) => client.countDescendants("/a", options)],
  ["whoAmI", (client, options) => client.whoAmI(options)],
  ["create", (client, options) => client.transaction().create("/a", null, options)],
  ["set", (client, options) => client.transaction().set("/a", null, options)],
  ["delete", (client, options) => client.transaction().delete("/a", options)],
  ["transaction", (client, options) => client.transaction().check("/a").commit(options)],
  ["watch", (client, options) => client.watch("/a", options)],
  ["cache", (client, options) => client.cache("/a", options)],
  ["states", (client, options) => client.states(options)],
  ["whenConnected", (client, options) => client.whenConnected(options)],
  ["addAuth", (client, options) => client.addAuth({ scheme: "digest", username: "a", password: "b" }, options)],
  ["reconfig", (client, options) => client.reconfig(options)],
  ["get", (client, options) => client.ensembleConfig(options)],
  ["close", (client, options) => client.close(options)],
];

describe("options that are none", () => {
  it.each(calls)("are refused by %s", async (op, call) => {
    for (const options of [null, 5, "fast"]) {
      const refusal = await refusalOf((client) => call(client, options as never));
      const named = options === null ? "null" : typeof options;
      expect(refusal).toMatchObject({ op, message: `the options of ${op} are not an object but ${named}` });
    }
  });
});

describe("an option that is wrong", () => {
  it.each<[wrong: string, call: (client: Client) => unknown, path?: string]>([
    ['recursive "yes" is not a boolean', (client) => client.delete("/a", { recursive: "yes" as never }), "/a"],
    [
      "protected 1 is not a boolean",
      (client) => client.create("/a", "", { mode: "ephemeral-sequential", protected: 1 as never }),
      "/a",
    ],
    ['data "no" is not a boolean', (client) => client.cache("/a", { data: "no" as never }), "/a"],
    ["signal is not an AbortSignal", (client) => client.watch("/a", { signal: {} as never }), "/a"],
    ["signal is not an AbortSignal", (client) => client.states({ signal: 5 as never })],
    [
      'mode "all" is not "node", "children" or "recursive"',
      (client) => client.watch("/a", { mode: "all" as never }),
      "/a",
    ],
    ["timeoutMs -1 is not a number of milliseconds from 0 up", (client) => client.close({ timeoutMs: -1 })],
    ["joining is not a list of servers", (client) => client.reconfig({ joining: "server.4=a:1:2" as never })],
    ["joining: 4 is not a server", (client) => client.reconfig({ joining: [4 as never] })],
    ['leaving: "1,2" is not a server', (client) => client.reconfig({ leaving: ["1,2"] })],
    ["fromConfig 5 is not a bigint", (client) => client.reconfig({ leaving: [1], fromConfig: 5 as never })],
    ['connect string "" names no server', (client) => client.setServers("")],
    ["auth: an identity is an object", (client) => client.addAuth(null as never)],
  ])("%s", async (message, call, path) => {
    expect(await refusalOf(call)).toMatchObject({ message, path });
  });

  it("names the method it was given to", async () => {
    expect(await refusalOf((client) => client.setServers("a:0"))).toMatchObject({ op: "setServers" });
    expect(await refusalOf((client) => client.addAuth({ scheme: "" } as never))).toMatchObject({ op: "addAuth" });
  });

  it("is not shown at any length", async () => {
    const refusal = await refusalOf((client) => client.get(`/${"x".repeat(1_000_000)}/`));
    expect(refusal.message.length).toBeLessThan(300);
    expect(refusal.message).toContain("(1000004 characters)");
  });
});
