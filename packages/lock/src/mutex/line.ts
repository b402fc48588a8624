/** One znode in the lock's directory that takes part. */
export interface Contender {
  readonly name: string;
  readonly sequence: number;
}

/** Curator's name for a mutex's znodes; what follows the last occurrence is the sequence number. */
export const lockName = "lock-";

/** Who stands in line, first come first. Names that are no contender's are left out. */
export function line(names: readonly string[]): Contender[] {
  const contenders: Contender[] = [];
  for (const name of names) {
    const sequence = sequenceOf(name);
    if (sequence !== undefined) contenders.push({ name, sequence });
  }
  return contenders.sort(bySequence);
}

function sequenceOf(name: string): number | undefined {
  const at = name.lastIndexOf(lockName);
  const digits = at === -1 ? "" : name.slice(at + lockName.length);
  return /^-?\d+$/.test(digits) ? Number(digits) : undefined;
}

/** The server's counter is an int32 that wraps: the later of two is the one a short way ahead. */
function bySequence(a: Contender, b: Contender): number {
  return (a.sequence - b.sequence) | 0;
}
