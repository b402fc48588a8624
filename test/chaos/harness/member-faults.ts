import { pause } from "@quorate/core/recipe";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import type { MemberFault, MemberStep } from "../schedule/faults.ts";

/** Does it to its end: afterwards all members serve again. @returns false if there was nobody to do it to */
export async function hitMember(ensemble: ZooKeeperEnsemble, step: MemberStep, signal: AbortSignal): Promise<boolean> {
  const statuses = await ensemble.status();
  const chosen = (mode: "leader" | "follower"): number | undefined => {
    const ids = statuses.filter((status) => status.mode === mode).map(({ id }) => id);
    return ids[Math.floor(step.choice * ids.length)];
  };
  const id = chosen(step.fault.endsWith("leader") ? "leader" : "follower");
  if (id === undefined) return false;
  await faults[step.fault](ensemble, id, () => pause(step.forMs, signal));
  await ensemble.ready();
  return true;
}

type Hit = (ensemble: ZooKeeperEnsemble, id: number, wait: () => Promise<void>) => Promise<void>;

const kill: Hit = async (ensemble, id, wait) => {
  await ensemble.kill(id);
  await wait();
  await ensemble.start(id);
};

const freeze: Hit = async (ensemble, id, wait) => {
  await ensemble.pause(id);
  await wait();
  await ensemble.resume(id);
};

const isolate: Hit = async (ensemble, id, wait) => {
  await ensemble.partition([id]);
  await wait();
  await ensemble.heal();
};

const faults: Readonly<Record<MemberFault, Hit>> = {
  "kill-leader": kill,
  "kill-follower": kill,
  "pause-leader": freeze,
  "pause-follower": freeze,
  "isolate-leader": isolate,
  "isolate-follower": isolate,
  "lose-quorum": async (ensemble, id, wait) => {
    const next = (id % ensemble.members.length) + 1;
    await Promise.all([ensemble.kill(id), ensemble.kill(next)]);
    await wait();
    await ensemble.start(id);
    await ensemble.start(next);
  },
};
