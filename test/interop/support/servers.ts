import { type Client, connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { Looking } from "./looking.ts";
import { missing, type PeerName } from "./peers.ts";

/** What one peer's tests run against; the same for all of them. Its members hold within tests and hooks. */
export interface TestedServer {
  readonly connectString: string;
  /** A session of our own, to change things with. */
  readonly client: Client;
  readonly look: Looking;
}

interface RunningServer {
  readonly connectString: string;
  /** Rejects if the peers, all closed by now, left anything behind. */
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
          // Some peers go without waiting for the answer to their last request.
          await eventually(() => expect(server.leaks()).toEqual({ sessions: [], watches: [], ephemerals: [] })).finally(
            () => server.stop(),
          );
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
      let client: Client | undefined;
      beforeAll(async () => {
        running = await start();
        client = await connect(running.connectString);
      });
      afterAll(async () => {
        await client?.close();
        await running?.close();
      });
      body({
        get connectString() {
          return started(running).connectString;
        },
        get client() {
          return started(client);
        },
        get look() {
          return new Looking(started(client));
        },
      });
    });
  });
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the server is there within tests and hooks only");
  return value;
}
