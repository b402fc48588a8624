import { once } from "node:events";
import { createRequire } from "node:module";
import type { Peer } from "./peer.ts";

type Callback = (error: Error | null, result?: unknown) => void;

interface PureJsClient {
  connect(): void;
  getData(path: string, callback: Callback): void;
  getData(path: string, watcher: () => void, callback: Callback): void;
  setData(path: string, data: Buffer, version: number, callback: Callback): void;
  create(path: string, data: Buffer, callback: Callback): void;
  remove(path: string, version: number, callback: Callback): void;
}

function settled(run: (callback: Callback) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result)));
  });
}

export async function openPeer(servers: string): Promise<Peer> {
  const { createClient } = createRequire(import.meta.url)("node-zookeeper-client") as {
    createClient(servers: string, options: object): PureJsClient;
  };
  const client = createClient(servers, { sessionTimeout: 30_000 });
  const connected = once(client as never, "connected");
  client.connect();
  await connected;
  return {
    get: (path) => settled((callback) => client.getData(path, callback)),
    set: (path, data) => settled((callback) => client.setData(path, data, -1, callback)),
    create: (path, data) => settled((callback) => client.create(path, data, callback)),
    delete: (path) => settled((callback) => client.remove(path, -1, callback)),
    watch: (path, changed) => settled((callback) => client.getData(path, changed, callback)),
  };
}
