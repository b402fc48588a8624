import { type Service, type ServiceChange, type ServiceInstance, ServiceRegistry } from "@quorate/registry";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

interface Bean {
  readonly "@class": string;
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
}

function inWords({ id, address, port, payload, enabled }: ServiceInstance): string {
  return [id, `${address}:${port}`, JSON.stringify(payload), ...(enabled ? [] : ["disabled"])].join(" ");
}

function wordsOf(service: Service): readonly string[] {
  const words: string[] = [];
  const word = (change: ServiceChange): string =>
    change.type === "snapshot" ? `snapshot ${change.instances.length}` : `${change.type} ${inWords(change.instance)}`;
  void (async () => {
    for await (const change of service.watch()) words.push(word(change));
  })();
  return words;
}

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  test("ServiceRegistry sees what ServiceDiscovery registers, its lost session, and its leaving", async () => {
    const { a } = curator;
    const basePath = `${await ownPath(server.client)}/services`;
    await using registry = new ServiceRegistry(server.client, { basePath });
    const orders = await registry.discover("orders");
    const names = await registry.services();
    const words = wordsOf(orders);
    await a.call("discovery.start", basePath);
    await a.call("discovery.register", basePath, "orders", "one", "10.0.0.1", 8080, "blue");
    await eventually(() => expect(words).toEqual(["snapshot 0", 'added one 10.0.0.1:8080 "blue"']));
    expect(names.names).toEqual(["orders"]);
    expect(orders.instances[0]).toMatchObject({ name: "orders", serviceType: "DYNAMIC", enabled: true });
    expect(orders.resolve().href).toBe("http://10.0.0.1:8080/");
    expect(Math.abs(Date.now() - (orders.pick()?.registrationTimeUTC ?? 0))).toBeLessThan(3_600_000);

    await a.call("session.kill");
    await eventually(async () =>
      expect(await server.look.owner(`${basePath}/orders/one`)).toBe(await a.call("session")),
    );
    await eventually(() => expect(orders.instances.map(({ id }) => id)).toEqual(["one"]));
    await a.call("discovery.unregister", basePath, "orders", "one", "10.0.0.1", 8080, "blue");
    await eventually(() => orders.instances.length === 0);
    expect(words.slice(-2).map((word) => word.split(" ")[0])).toEqual(["added", "removed"]);
    await a.call("discovery.close", basePath);
  });

  test("ServiceDiscovery and its cache see what ServiceRegistry registers, changes and takes away", async () => {
    const { b } = curator;
    const basePath = `${await ownPath(server.client)}/services`;
    await using registry = new ServiceRegistry(server.client, { basePath });
    await b.call("discovery.start", basePath);
    await b.call("services.start", basePath, "orders");
    const uriSpec = "{scheme}://{address}:{port}";
    const cached = (): Promise<unknown> => b.call("services.instances", basePath);
    const one = await registry.register({ name: "orders", id: "one", address: "h1", port: 1, payload: "red", uriSpec });
    await eventually(async () => expect(await cached()).toEqual(["one http://h1:1 red"]));
    expect(await b.call("discovery.names", basePath)).toEqual(["orders"]);
    await one.update({ port: 2, payload: "green" });
    await eventually(async () => expect(await cached()).toEqual(["one http://h1:2 green"]));
    const two = await registry.register({
      name: "orders",
      id: "two",
      address: "h2",
      sslPort: 3,
      payload: "blue",
      uriSpec: "{scheme}://{address}:{ssl-port}",
    });
    await eventually(async () => expect(await cached()).toEqual(["one http://h1:2 green", "two https://h2:3 blue"]));
    await one.close();
    await eventually(async () => expect(await cached()).toEqual(["two https://h2:3 blue"]));
    await two.unregister();
    await eventually(async () => expect(await cached()).toEqual([]));
    await b.call("services.close", basePath);
    await b.call("discovery.close", basePath);
  });

  test("an enabled flag, service types and a bean with its class pass both ways", async () => {
    const { a } = curator;
    const basePath = `${await ownPath(server.client)}/services`;
    await using registry = new ServiceRegistry(server.client, { basePath });
    const orders = await registry.discover<Bean>("orders");
    await a.call("beans.start", basePath);
    const theirs = { name: "orders", id: "jvm", address: "h", port: 1, metadata: { zone: "eu" }, enabled: false };
    await a.call("beans.register", basePath, JSON.stringify({ ...theirs, type: "PERMANENT" }));
    const [jvm] = await eventually(() => orders.instances.length === 1 && orders.instances);
    expect(jvm).toMatchObject({ enabled: false, serviceType: "PERMANENT", payload: { metadata: { zone: "eu" } } });
    expect(orders.pick()).toBeUndefined();
    await a.call("beans.update", basePath, JSON.stringify({ ...theirs, enabled: true, type: "PERMANENT" }));
    await eventually(() => orders.pick({ filter: { zone: "eu" } })?.id === "jvm");

    const payload: Bean = { ...(jvm?.payload as Bean), id: "node", metadata: { zone: "us", version: "2" } };
    const node = await registry.register({
      name: "orders",
      id: "node",
      address: "n",
      port: 2,
      sslPort: 3,
      payload,
      serviceType: "STATIC",
      uriSpec: "{scheme}://{address}:{port}/x",
    });
    const listed = (): Promise<unknown> => a.call("beans.instances", basePath, "orders");
    const jvmWords = "jvm h:1:null PERMANENT enabled - {zone=eu}";
    expect(await listed()).toEqual([jvmWords, "node n:2:3 STATIC enabled https://n:2/x {zone=us, version=2}"]);
    await eventually(() =>
      expect(orders.instances.map((instance) => orders.resolve(instance).href)).toContain("https://n:2/x"),
    );
    await node.update({ enabled: false });
    await eventually(async () =>
      expect(await listed()).toEqual([jvmWords, "node n:2:3 STATIC disabled https://n:2/x {zone=us, version=2}"]),
    );
    await a.call("beans.provide", basePath, "orders");
    await eventually(async () => expect(await a.call("beans.provided", basePath)).toBe(jvmWords));
    await a.call("beans.unregister", basePath, JSON.stringify({ ...theirs, type: "PERMANENT" }));
    await eventually(() => orders.instances.length === 1);
    await eventually(async () => expect(await a.call("beans.provided", basePath)).toBeNull());
    await node.update({ enabled: true });
    await eventually(async () => expect(await a.call("beans.provided", basePath)).toContain("node n:2:3"));
    await a.call("beans.close", basePath);
  });

  test("an entry of Spring Cloud's is read, filtered by its metadata, and written as it was", async () => {
    const basePath = `${await ownPath(server.client)}/services`;
    await using registry = new ServiceRegistry(server.client, { basePath });
    const payload = {
      "@class": "org.springframework.cloud.zookeeper.discovery.ZookeeperInstance",
      id: "orders-1",
      name: "orders",
      metadata: { instance_status: "UP", zone: "eu" },
    };
    const entry = {
      name: "orders",
      id: "spring",
      address: "h",
      port: 8080,
      sslPort: null,
      payload,
      registrationTimeUTC: 1_700_000_000_000,
      serviceType: "DYNAMIC",
      uriSpec: {
        parts: [
          { value: "scheme", variable: true },
          { value: "://h", variable: false },
        ],
      },
    };
    await server.client.create(`${basePath}/orders/spring`, JSON.stringify(entry), { parents: true });
    const orders = await registry.discover<typeof payload>("orders", { filter: { zone: "eu" } });
    const spring = await eventually(() => orders.pick());
    expect(spring.payload).toEqual(payload);
    expect(orders.resolve(spring).href).toBe("http://h/");
    const { address, port, uriSpec } = spring;
    const ours = await registry.register({
      name: "orders",
      id: "ours",
      address,
      port,
      uriSpec,
      payload: spring.payload,
    });
    const written = await server.look.text(`${basePath}/orders/ours`);
    const registrationTimeUTC = ours.instance.registrationTimeUTC;
    expect(written).toBe(JSON.stringify({ ...entry, id: "ours", registrationTimeUTC }));
  });
});
