import { type Client, connect } from "@quorate/core";
import { EmbeddedServer, FaultProxy } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { Looking } from "./looking.ts";
import { missing, type PeerName } from "./peers.ts";

/** What one peer's tests run against. Holds within tests and hooks. */
export interface TestedServer {
  /** For the peer. */
  readonly connectString: string;
  /** A session of our own, to change things with. */
  readonly client: Client;
  readonly look: Looking;
  /** Cuts the peer's connections, and lets it come back only when `change` is done. */
  whileCutOff(change: () => Promise<unknown>): Promise<void>;
}

interface RunningServer {
  readonly connectString: string;
  /** Rejects if the peer, closed by now, left anything behind. */
  close(): Promise<void>;
}

interface ServerKind {
  readonly kind: string;
  start(): Promise<RunningServer>;
}

const kinds: readonly ServerKind[] = [
  {
    kind: "a real ensemble",
    start: async () => ({ connectString: inject("zookeeper").connectString, close: async () => {} }),
  },
  {
    kind: "the embedded server",
    async start() {
      const server = await EmbeddedServer.start();
      return {
        connectString: server.connectString,
        async close() {
          try {
            // Some peers go without waiting for the answer to their last request.
            await eventually(() => expect(server.leaks()).toEqual({ sessions: [], watches: [], ephemerals: [] }));
          } finally {
            await server.stop();
          }
        },
      };
    },
  },
];

/** Declares the tests of a peer for every kind of server; they are skipped where the peer is missing. */
export function describePeer(peer: PeerName, body: (server: TestedServer) => void): void {
  describe.skipIf(missing(peer) !== undefined)(peer, () => {
    describe.each(kinds)("on $kind", ({ start }) => {
      let running: RunningServer | undefined;
      let proxies: readonly FaultProxy[] = [];
      let client: Client | undefined;
      beforeAll(async () => {
        running = await start();
        proxies = await Promise.all(running.connectString.split(",").map(inFrontOf));
        client = await connect(running.connectString);
      });
      afterAll(async () => {
        await client?.close();
        await running?.close();
        await Promise.all(proxies.map((proxy) => proxy.close()));
      });
      body({
        get connectString() {
          return proxies.map((proxy) => proxy.connectString).join(",");
        },
        get client() {
          if (client === undefined) throw new Error("the server is there within tests and hooks only");
          return client;
        },
        get look() {
          return new Looking(this.client);
        },
        async whileCutOff(change) {
          for (const proxy of proxies) proxy.mode = "refuse";
          try {
            expect(proxies.reduce((count, proxy) => count + proxy.cut(), 0)).toBeGreaterThan(0);
            await change();
          } finally {
            for (const proxy of proxies) proxy.mode = "pass";
          }
        },
      });
    });
  });
}

/** The peer's bytes pass as they are. */
function inFrontOf(server: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(`tcp://${server}`);
  return FaultProxy.listen({ target: { host: hostname, port: Number(port) }, parse: false });
}
