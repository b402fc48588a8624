import { type ByteStream, connect, type Transport, wireDriver } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";

export interface ExpiryResult {
  readonly sessions: number;
  readonly tickTimeMs: number;
  /** From the moment a session's time is up to the deletion of its ephemeral znode being seen. */
  readonly worstLatenessMs: number;
  readonly earliestMs: number;
}

const silent: ByteStream = { queuedBytes: 0, write() {}, destroy() {} };

/** Opens sessions with an ephemeral znode each, cuts them all off for good and sees when the znodes go. */
export async function measureExpiry(sessions: number): Promise<ExpiryResult> {
  const tickTimeMs = 500;
  const sessionTimeoutMs = 2000;
  await using server = await EmbeddedServer.start({ tickTimeMs });
  let cutOff = false;
  const transport: Transport = {
    resolve: (host) => server.transport.resolve(host),
    connect: (target, events) => (cutOff ? silent : server.transport.connect(target, events)),
  };
  await using observer = await connect(server.connectString);
  await observer.create("/alive");
  const watch = observer.watch("/alive", { mode: "recursive" });
  await watch.ready;
  const clients = await Promise.all(
    Array.from({ length: sessions }, async (_, index) => {
      const driver = wireDriver({ transport });
      const client = await connect("embedded:1", { driver, sessionTimeoutMs });
      await client.create(`/alive/${index}`, null, { mode: "ephemeral" });
      return client;
    }),
  );
  // Every session has just been heard of: its time is up one timeout from now at the earliest.
  await Promise.all(clients.map((client) => client.get("/alive")));
  const lastHeardAt = performance.now();
  cutOff = true;
  server.dropConnections();
  let left = sessions;
  let worstLatenessMs = Number.NEGATIVE_INFINITY;
  let earliestMs = Number.POSITIVE_INFINITY;
  for await (const event of watch) {
    if (event.type === "resync") {
      left = (await observer.children("/alive")).length;
      continue;
    }
    if (event.type !== "deleted") continue;
    const lateness = performance.now() - lastHeardAt - sessionTimeoutMs;
    worstLatenessMs = Math.max(worstLatenessMs, lateness);
    earliestMs = Math.min(earliestMs, lateness);
    if (--left === 0) break;
  }
  await Promise.all(clients.map((client) => client.close()));
  return { sessions, tickTimeMs, worstLatenessMs, earliestMs };
}
