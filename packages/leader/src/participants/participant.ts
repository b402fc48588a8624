import { inOrder, type WaitingLine } from "@quorate/core/recipe";

/** One contender for leadership, as the servers know it. */
export interface Participant {
  /** The id its latch was made with; what Curator shows as the participant's id. */
  readonly id: string;
  /** czxid of its znode: the fencing token of the term it has or would have. */
  readonly fencingToken: bigint;
  /** 0 for those that give none, Curator's among them. */
  readonly priority: number;
  readonly isLeader: boolean;
}

/** Who leads. */
export interface Leader {
  readonly id: string;
  /** The fencing token of its term. */
  readonly fencingToken: bigint;
  /** What it proclaimed last in this term; null before that. */
  readonly data: Uint8Array | null;
}

/** The line of a latch: Curator's `LeaderLatch` marks its znodes so. */
export function lineOf(path: string): WaitingLine {
  return { directory: path, marker: "latch-" };
}

/** The name of a candidate's znode before its sequence number. Without a priority it is Curator's. */
export function candidateName(priority: number | undefined, { marker }: WaitingLine): string {
  return priority === undefined ? marker : `p${priority}-${marker}`;
}

const priorityPattern = /-p(-?\d+)-latch--?\d+$/;

export function priorityOf(name: string): number {
  return Number(priorityPattern.exec(name)?.[1] ?? 0);
}

/** Whether someone in line has a higher priority than this. */
export function isOutranked(priority: number, names: readonly string[], { marker }: WaitingLine): boolean {
  return inOrder(names, marker).some(({ name }) => priorityOf(name) > priority);
}

export function idOf(data: Uint8Array | null): string {
  return data === null ? "" : Buffer.from(data).toString("utf8");
}
