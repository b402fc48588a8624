import { connect } from "@quorate/core";
import { watchOnce } from "@quorate/core/recipe";
import type { Peer } from "./peer.ts";

export async function openPeer(servers: string): Promise<Peer> {
  const client = await connect(servers, { sessionTimeoutMs: 30_000 });
  return {
    get: (path) => client.get(path),
    set: (path, data) => client.set(path, data),
    create: (path, data) => client.create(path, data),
    delete: (path) => client.delete(path),
    watch: (path, changed) => watchOnce(client.session, { kind: "data", path }, changed).reply,
  };
}
