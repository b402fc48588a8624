import type { Client } from "@quorate/core";
import { Group } from "@quorate/liveness";
import { partitionsOf } from "./partitions.ts";

export interface WorkerOptions {
  readonly id: string;
  readonly partitions: number;
  /** Ends it: the worker leaves the group. */
  readonly signal: AbortSignal;
  /**
   * The share of this worker has changed. While members come and go two of them may differ for a moment: what must never be done twice
   * needs a lock for each partition besides.
   */
  readonly onAssigned: (partitions: readonly number[]) => void;
}

/** Works on its share of the partitions for as long as it is a member, and on none while it cannot tell that it is. */
export async function work(client: Client, { id, partitions, signal, onAssigned }: WorkerOptions): Promise<void> {
  const group = new Group(client, "/workers");
  const members = new Set<string>();
  await using membership = await group.join(id);
  const assign = (): void => onAssigned(membership.isPresent ? partitionsOf(id, [...members], partitions) : []);

  const followMembers = async (): Promise<void> => {
    for await (const event of group.watch({ signal })) {
      if (event.type === "snapshot") for (const member of event.members) members.add(member.id);
      else if (event.type === "joined") members.add(event.member.id);
      else if (event.type === "left") members.delete(event.member.id);
      assign();
    }
  };
  const followMembership = async (): Promise<void> => {
    for await (const state of membership.states({ signal })) if (state.kind !== "present") assign();
  };
  await Promise.all([followMembers(), followMembership()]);
}
