import { type Client, connect } from "@quorate/core";
import { type Service, type ServiceInstance, ServiceRegistry } from "@quorate/registry";
import { EmbeddedServer } from "@quorate/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";

/** What can happen, to the entries and to the one who discovers. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("put"), id: fc.nat(5), port: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), id: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("recreate"), id: fc.nat(5), port: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("garble"), id: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wipe") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("drop", "expire", "restart", "pause") }) },
);

type Step = { readonly kind: string; readonly id?: number; readonly port?: number };

const servicePath = "/services/orders";

function entryOf(id: number, port: number): string {
  return JSON.stringify({ name: "orders", id: `${id}`, address: "h", port, serviceType: "DYNAMIC" });
}

async function perform(
  server: EmbeddedServer,
  writer: Client,
  discoverer: Client,
  { kind, id, port }: Step,
): Promise<void> {
  const path = `${servicePath}/${id}`;
  switch (kind) {
    case "put": {
      const isThere = (await writer.exists(path)) !== undefined;
      if (isThere) await writer.set(path, entryOf(id as number, port as number));
      else await writer.create(path, entryOf(id as number, port as number), { parents: true });
      return;
    }
    case "recreate":
      if ((await writer.exists(path)) === undefined) return;
      await writer
        .transaction()
        .delete(path)
        .create(path, entryOf(id as number, port as number))
        .commit();
      return;
    case "garble":
      if ((await writer.exists(path)) !== undefined) await writer.set(path, "{");
      return;
    case "remove":
      if ((await writer.exists(path)) !== undefined) await writer.delete(path);
      return;
    case "wipe":
      if ((await writer.exists("/services")) !== undefined) await writer.delete("/services", { recursive: true });
      return;
    case "drop":
      return server.dropConnections({ sessionId: discoverer.session.id });
    case "expire":
      // It may have gone already, and its client not know yet.
      if (server.leaks().sessions.includes(discoverer.session.id)) server.expireSession(discoverer.session.id);
      return;
    case "restart":
      return server.restart();
    default:
      await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The instances the server has, by the rules of an entry alone. */
async function truth(writer: Client): Promise<string[]> {
  const names = await writer.children(servicePath).catch(() => []);
  const ports = names.map(async (name) => {
    const { data } = await writer.get(`${servicePath}/${name}`);
    const text = Buffer.from(data ?? []).toString();
    return text === "{" ? undefined : `${name}:${(JSON.parse(text) as { port: number }).port}`;
  });
  return (await Promise.all(ports)).filter((each) => each !== undefined).sort();
}

function inWords(instances: Iterable<ServiceInstance>): string[] {
  return [...instances].map(({ id, port }) => `${id}:${port}`).sort();
}

/** What one knows who has only the changes; each must fit what was there before. */
function replicaOf(service: Service): Map<string, ServiceInstance> {
  const known = new Map<string, ServiceInstance>();
  void (async () => {
    for await (const change of service.watch()) {
      if (change.type === "snapshot") {
        for (const instance of change.instances) known.set(instance.path, instance);
        continue;
      }
      const { path } = change.instance;
      expect(known.has(path), `${change.type} ${path}`).toBe(change.type !== "added");
      if (change.type === "removed") known.delete(path);
      else known.set(path, change.instance);
    }
  })();
  return known;
}

test("after any sequence of changes and disconnections the view, and what its changes add up to, equal the server", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      await using server = await EmbeddedServer.start();
      await using writer = await connect(server.connectString);
      await using discoverer = await connect(server.connectString);
      const registry = new ServiceRegistry(discoverer);
      const service = await registry.discover("orders");
      const known = replicaOf(service);
      for (const each of steps) await perform(server, writer, discoverer, each);
      const expected = await truth(writer);
      await eventually(() => {
        expect(service.stale).toBe(false);
        expect(inWords(service.instances)).toEqual(expected);
        return expect(inWords(known.values())).toEqual(expected);
      });
      const enabled = await service.waitFor({ atLeast: expected.length });
      expect(inWords(enabled)).toEqual(expected);
      const picked = service.pick();
      expect(picked === undefined).toBe(expected.length === 0);
      await registry.close();
      await eventually(() => expect(server.leaks().watches).toEqual([]));
    }),
    { numRuns: 60, seed: 20_251_125, endOnFailure: true },
  );
});

test("after any sequence of losses a registration is there once, as it was last wanted", async () => {
  const loss = fc.constantFrom("drop", "expire", "restart", "delete", "update", "pause");
  await fc.assert(
    fc.asyncProperty(fc.array(loss, { minLength: 1, maxLength: 15 }), async (losses) => {
      await using server = await EmbeddedServer.start();
      await using writer = await connect(server.connectString);
      await using client = await connect(server.connectString);
      const registry = new ServiceRegistry(client);
      const registration = await registry.register({ name: "orders", id: "1", address: "h", port: 1 });
      let port = 1;
      const updates: Promise<void>[] = [];
      for (const kind of losses) {
        if (kind === "update") updates.push(registration.update({ port: ++port }));
        else if (kind === "delete") await writer.delete(`${servicePath}/1`).catch(() => {});
        else await perform(server, writer, client, { kind });
      }
      await Promise.all(updates);
      await eventually(async () => {
        expect(await truth(writer)).toEqual([`1:${port}`]);
        return registration.isPresent;
      });
      const stat = await writer.exists(`${servicePath}/1`);
      expect(stat?.ephemeralOwner).toBe(client.session.id);
      await registry.close();
      expect(await truth(writer)).toEqual([]);
    }),
    { numRuns: 40, seed: 20_251_125, endOnFailure: true },
  );
});
