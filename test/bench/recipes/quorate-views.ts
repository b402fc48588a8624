/** What follows znodes: a service's instances, one znode by many sessions. Measured as the locks are. */
import type { Client } from "@quorate/core";
import { ServiceRegistry } from "@quorate/registry";
import { clientOf, clientsOf, measured, pause } from "./quorate-clients.ts";

const serviceName = "orders";

/** A connected client gets the full view of a service, as often as told. */
export async function views(servers: string, base: string, count: number, instances: number): Promise<object> {
  const client = await clientOf(servers, 0);
  const latenciesUs = new Float64Array(count);
  return await measured(latenciesUs, async () => {
    for (let index = 0; index < count; index++) {
      await using registry = new ServiceRegistry(client, { basePath: base });
      const start = performance.now();
      const service = await registry.discover(serviceName);
      const seen = service.instances.length;
      latenciesUs[index] = (performance.now() - start) * 1000;
      if (seen !== instances) throw new Error(`${seen} instances of ${instances}`);
    }
  });
}

/** One more instance appears, as often as told: from before it is created until the view's follower has it. */
export async function arrivals(servers: string, base: string, count: number): Promise<object> {
  const [client, other] = (await clientsOf(servers, 2)) as [Client, Client];
  await using registry = new ServiceRegistry(client, { basePath: base });
  const service = await registry.discover(serviceName);
  const changes = service.watch();
  await changes.next();
  const path = `${base}/${serviceName}/new`;
  const latenciesUs = new Float64Array(count);
  return await measured(latenciesUs, async () => {
    for (let index = 0; index < count; index++) {
      const start = performance.now();
      const created = other.create(path, JSON.stringify({ name: serviceName, id: "new", address: "host", port: 80 }));
      await changes.next();
      latenciesUs[index] = (performance.now() - start) * 1000;
      await created;
      await other.delete(path);
      await changes.next();
      await pause(2);
    }
  });
}

/** Many sessions follow one znode: from before it is set until the last of them has the new data, as often as told. */
export async function fanOut(servers: string, base: string, sessions: number, count: number): Promise<object> {
  const path = `${base}/config`;
  const [writer, ...readers] = (await clientsOf(servers, sessions + 1)) as [Client, ...Client[]];
  if ((await writer.exists(path)) === undefined) await writer.create(path, "");
  const caches = await Promise.all(readers.map((reader) => reader.cache(path, { mode: "node" })));
  const followers = caches.map((cache) => cache.changes());
  const latenciesUs = new Float64Array(count);
  const result = await measured(latenciesUs, async () => {
    for (let index = 0; index < count; index++) {
      const start = performance.now();
      const set = writer.set(path, `value ${index}`.padEnd(100));
      await Promise.all(followers.map((follower) => follower.next()));
      latenciesUs[index] = (performance.now() - start) * 1000;
      await set;
      await pause(5);
    }
  });
  await Promise.all(caches.map((cache) => cache.close()));
  return result;
}
