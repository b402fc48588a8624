import { once } from "node:events";
import { createRequire } from "node:module";
import type { Peer } from "./peer.ts";

interface NativeClient {
  init(config: object): void;
  on(event: "connect", listener: () => void): void;
  once(event: "close", listener: () => void): void;
  get(path: string, watch: boolean): Promise<unknown>;
  set(path: string, data: Buffer, version: number): Promise<unknown>;
  create(path: string, data: Buffer, flags: number): Promise<unknown>;
  delete_(path: string, version: number): Promise<unknown>;
  w_get(path: string, watcher: (type: number, state: number, path: string) => void): Promise<unknown>;
}

/** Through its promise API, one stable watcher for all paths: a new function for each watch leaks in the binding. */
export async function openPeer(servers: string): Promise<Peer> {
  const { Promise: NativeZooKeeper } = createRequire(import.meta.url)("zookeeper") as {
    Promise: new (config: object) => NativeClient;
  };
  const config = { connect: servers, timeout: 30_000, debug_level: 1, host_order_deterministic: false };
  const client = new NativeZooKeeper(config);
  const connected = once(client as never, "connect");
  client.init(config);
  await connected;
  const waiting = new Map<string, () => void>();
  const watcher = (type: number, _state: number, path: string): void => {
    if (type > 0) waiting.get(path)?.();
  };
  return {
    get: (path) => client.get(path, false),
    set: (path, data) => client.set(path, data, -1),
    create: (path, data) => client.create(path, data, 0),
    delete: (path) => client.delete_(path, -1),
    watch: (path, changed) => {
      waiting.set(path, changed);
      return client.w_get(path, watcher);
    },
  };
}
