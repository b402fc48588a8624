import { ErrorCode, type Operation } from "@quorate/protocol";
import { describe, expect, it } from "vitest";
import { creatorAcl, readAcl } from "../../src/acl/acl.ts";
import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import { allCapabilities } from "../../src/driver/capabilities.ts";
import type { Capability } from "../../src/driver/capability.ts";
import { UnsupportedError } from "../../src/errors/client-errors.ts";
import { errorFromServer } from "../../src/errors/server-errors.ts";
import { requireCapability } from "../../src/recipe/require-capability.ts";
import { FakeDriver } from "../support/fake-driver.ts";
import { openClient } from "../support/open-client.ts";
import { stat } from "../support/stat.ts";
import { turns } from "../support/turns.ts";

/** A client of a driver that can do nothing but what every driver can, or these things besides. */
async function limitedClient(...able: Capability[]): Promise<{ client: Client; driver: FakeDriver }> {
  const opened = await openClient();
  opened.driver.capabilities = new Set<Capability>(["create2", ...able]);
  const connecting = connect("zk1", { driver: opened.driver });
  await turns();
  await opened.driver.session.connect();
  return { client: await connecting, driver: opened.driver };
}

const asked: readonly (readonly [Capability, (client: Client) => Promise<unknown>])[] = [
  ["transactions", (client) => client.transaction().check("/a").commit()],
  ["create-acl", (client) => client.create("/a", "", { acl: creatorAcl })],
  ["null-data", (client) => client.create("/a", null)],
  ["null-data", (client) => client.set("/a", null)],
  ["containers", (client) => client.create("/a", "", { mode: "container" })],
  ["ttl", (client) => client.create("/a", "", { ttlMs: 5 })],
  ["get-acl", (client) => client.getAcl("/a")],
  ["ephemerals", (client) => client.ephemerals("/a")],
  ["count-descendants", (client) => client.countDescendants("/a")],
  ["who-am-i", (client) => client.whoAmI()],
  ["reconfig", (client) => client.reconfig({ leaving: [1] })],
];

describe("what a driver cannot do", () => {
  it.each(asked)("without %s is rejected at once, names the default driver, and sends nothing", async (name, ask) => {
    const { client, driver } = await limitedClient();
    const failure: unknown = await ask(client).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnsupportedError);
    expect(failure).toMatchObject({ code: "UNSUPPORTED", capability: name, retryable: false });
    expect((failure as Error).message).toContain("the fake driver");
    expect((failure as Error).message).toContain("default driver (wireDriver");
    expect(driver.session.open).toEqual([]);
  });

  it.each(asked)("with %s is asked for", async (name, ask) => {
    const { client, driver } = await limitedClient(name);
    const asking = ask(client);
    await turns();
    expect(driver.session.open).toHaveLength(1);
    driver.session.open[0]?.reject(new UnsupportedError("enough"));
    await expect(asking).rejects.toThrow("enough");
  });

  it("does not wait for a connection before it is rejected", async () => {
    const { client, driver } = await limitedClient();
    await driver.session.disconnect();
    await expect(client.whoAmI()).rejects.toThrow(UnsupportedError);
    await expect(client.session.getAcl("/a", { timeoutMs: 60_000 })).rejects.toThrow(UnsupportedError);
  });

  it("is no reason to do without data: what is left out is sent as no bytes", async () => {
    const { client, driver } = await limitedClient();
    const creating = client.create("/a");
    await turns();
    const [request] = driver.session.open;
    expect(request?.operation).toMatchObject({ op: "create2", data: new Uint8Array(0) });
    request?.resolve({ path: "/a", stat: stat({ czxid: 1 }) });
    await creating;
  });

  it("makes parents persistent znodes where there are no containers", async () => {
    const { client, driver } = await limitedClient();
    const creating = client.create("/p/a", "", { parents: "container" });
    const operations: string[] = [];
    for (let count = 0; count < 3; count++) {
      await turns();
      const request = driver.session.open.at(-1);
      const operation = request?.operation as Operation<"create2">;
      operations.push(`${operation.op} ${operation.path} ${operation.flags}`);
      if (count === 0) request?.reject(errorFromServer(ErrorCode.NO_NODE, {}));
      else request?.resolve({ path: operation.path, stat: stat({ czxid: 1 }) });
    }
    await creating;
    expect(operations).toEqual(["create2 /p/a 0", "create2 /p 0", "create2 /p/a 0"]);
  });

  it("leaves watches to one-shot ones, whose read leaves at once", async () => {
    const { client, driver } = await limitedClient();
    const watch = client.watch("/a");
    expect(driver.session.open.map(({ operation }) => operation)).toEqual([{ op: "exists", path: "/a", watch: true }]);
    void watch.close();
  });

  it.each<[Capability, ConnectOptions]>([
    ["tls", { tls: true }],
    ["sasl", { auth: { scheme: "sasl", username: "jo", password: "secret" } }],
    ["read-only", { readOnly: true }],
    ["create-acl", { acl: readAcl }],
  ])("%s is refused by connect()", async (name, options) => {
    const driver = new FakeDriver();
    driver.capabilities = new Set([...allCapabilities].filter((able) => able !== name));
    await expect(connect("zk1", { ...options, driver })).rejects.toMatchObject({
      code: "UNSUPPORTED",
      capability: name,
    });
    expect(driver.sessions).toEqual([]);
  });

  it("is told by recipes before they start", async () => {
    const { client } = await limitedClient();
    expect(() => requireCapability(client, "transactions", { op: "queue", path: "/q" })).toThrow(UnsupportedError);
    expect(() => requireCapability(client, "create2", { op: "queue", path: "/q" })).not.toThrow();
  });
});
