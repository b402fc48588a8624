import { FaultProxy, type WireOp } from "@quorate/testing";
import { fourLetterWord } from "../../packages/testing/src/ensemble/four-letter-word.ts";

const wordBoundMs = 5000;

/** A server's answer to one of ZooKeeper's four-letter words. */
export function ask(server: string, word: string): Promise<string> {
  return fourLetterWord(addressOf(server), word, wordBoundMs);
}

/** A proxy of the test's own in front of one server: its faults are nobody else's, and its counters count nobody else. */
export function proxyTo(server: string | undefined): Promise<FaultProxy> {
  if (server === undefined) throw new Error("there is no such server");
  return FaultProxy.listen({ target: addressOf(server) });
}

/** What of `run` went over the wire: round trips, and how many requests of which kind. */
export async function traffic(
  proxy: FaultProxy,
  run: () => Promise<unknown>,
): Promise<{ readonly roundTrips: number; readonly requests: Readonly<Partial<Record<WireOp | "unknown", number>>> }> {
  const before = proxy.stats();
  await run();
  const after = proxy.stats();
  const requests: Partial<Record<WireOp | "unknown", number>> = {};
  for (const [name, count = 0] of Object.entries(after.requestsByOp)) {
    const op = name as WireOp | "unknown";
    const during = count - (before.requestsByOp[op] ?? 0);
    if (during > 0 && op !== "ping") requests[op] = during;
  }
  return { roundTrips: after.roundTrips - before.roundTrips, requests };
}

/** The host and port of one `host:port`. */
export function addressOf(server: string): { readonly host: string; readonly port: number } {
  const colon = server.lastIndexOf(":");
  return { host: server.slice(0, colon), port: Number(server.slice(colon + 1)) };
}
