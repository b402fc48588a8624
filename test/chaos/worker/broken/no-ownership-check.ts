import { randomUUID } from "node:crypto";
import { type Client, QuorateError, type Session } from "@quorate/core";
import type { Contended } from "../contended.ts";
import type { BrokenOptions } from "./options.ts";
import { SessionLease } from "./session-lease.ts";

/**
 * A mutex that knows its znode by the mark in its name and never asks who owns it (CURATOR-604): after a lost session it finds the znode that
 * the servers have not removed yet, is first with it, and holds what they give to the next one a moment later.
 */
export function noOwnershipCheck(client: Client, { path, id }: BrokenOptions): Contended {
  const mark = `_c_${randomUUID()}-lock-`;

  async function attempt(session: Session, signal: AbortSignal | undefined): Promise<SessionLease | undefined> {
    for (;;) {
      const line = (await namesAt(session)).sort((a, b) => a.slice(-10).localeCompare(b.slice(-10)));
      const mine = line.find((name) => name.startsWith(mark));
      if (mine === undefined) {
        const data = JSON.stringify({ id, host: "here" });
        await session.create(`${path}/${mark}`, data, { mode: "ephemeral-sequential", parents: true });
        continue;
      }
      const stat = mine === line[0] ? await session.exists(`${path}/${mine}`) : undefined;
      if (stat !== undefined) return new SessionLease(session, `${path}/${mine}`, stat.czxid);
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (signal?.aborted) {
        await session.delete(`${path}/${mine}`);
        return undefined;
      }
    }
  }

  async function namesAt(session: Session): Promise<string[]> {
    return (await session.exists(path)) === undefined ? [] : session.children(path);
  }

  return {
    canTry: false,
    ask: async (asking) => {
      const signal = asking.kind === "wait" ? asking.bounds.signal : undefined;
      for (;;) {
        try {
          const lease = await attempt(await client.whenConnected(), signal);
          return lease && { lease, isShared: false, permits: 1, release: () => lease.release() };
        } catch (error) {
          if (!(error instanceof QuorateError)) throw error;
        }
      }
    },
  };
}
