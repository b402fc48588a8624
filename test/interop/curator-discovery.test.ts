import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  test("ServiceDiscovery: instances come and go; who discovers sees them", async () => {
    const { a, b } = curator;
    const base = `${await ownPath(server.client)}/services`;

    await a.call("discovery.start", base);
    await b.call("discovery.start", base);
    await a.call("discovery.register", base, "orders", "one", "10.0.0.1", 8080, "blue");
    await eventually(async () => expect(await b.call("discovery.names", base)).toEqual(["orders"]));
    expect(await b.call("discovery.instances", base, "orders")).toEqual(["one http://10.0.0.1:8080 blue"]);

    await b.call("services.start", base, "orders");
    await a.call("discovery.register", base, "orders", "two", "10.0.0.2", 8081, "green");
    await eventually(async () =>
      expect(await b.call("services.instances", base)).toEqual([
        "one http://10.0.0.1:8080 blue",
        "two http://10.0.0.2:8081 green",
      ]),
    );
    expect(JSON.parse(await server.look.text(`${base}/orders/two`))).toEqual({
      name: "orders",
      id: "two",
      address: "10.0.0.2",
      port: 8081,
      sslPort: null,
      payload: "green",
      registrationTimeUTC: expect.any(Number),
      serviceType: "DYNAMIC",
      uriSpec: {
        parts: [
          { value: "scheme", variable: true },
          { value: "://", variable: false },
          { value: "address", variable: true },
          { value: ":", variable: false },
          { value: "port", variable: true },
        ],
      },
    });

    await a.call("discovery.unregister", base, "orders", "one", "10.0.0.1", 8080, "blue");
    await eventually(async () =>
      expect(await b.call("services.instances", base)).toEqual(["two http://10.0.0.2:8081 green"]),
    );
    // A lost session's registrations are made anew.
    await a.call("session.kill");
    await eventually(async () => expect(await server.look.owner(`${base}/orders/two`)).toBe(await a.call("session")));
    await b.call("services.close", base);
    await a.call("discovery.close", base);
    await eventually(async () => (await server.look.children(`${base}/orders`)).length === 0);
    await b.call("discovery.close", base);
  });
});
