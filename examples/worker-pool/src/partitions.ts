import { createHash } from "node:crypto";

/**
 * Rendezvous hashing: every member ranks every partition, and the highest rank has it. When a member goes only its partitions move, and all
 * members come to the same answer without talking to each other.
 */
export function partitionsOf(member: string, members: readonly string[], count: number): number[] {
  const partitions = Array.from({ length: count }, (_, partition) => partition);
  return partitions.filter((partition) => ownerOf(partition, members) === member);
}

function ownerOf(partition: number, members: readonly string[]): string | undefined {
  let owner: string | undefined;
  let highest = "";
  for (const member of members) {
    const rank = createHash("sha256").update(`${member}/${partition}`).digest("hex");
    if (rank > highest) [owner, highest] = [member, rank];
  }
  return owner;
}
