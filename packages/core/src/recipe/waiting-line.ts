/** Where contenders line up: a directory of sequential znodes. */
export interface WaitingLine {
  readonly directory: string;
  /** What stands before the sequence number in the name of every contender, such as Curator's `lock-`. */
  readonly marker: string;
}

/** One znode in the directory that takes part. */
export interface Contender {
  readonly name: string;
  readonly sequence: number;
}

/** Who stands in line, first come first. Names that are no contender's are left out. */
export function inOrder(names: readonly string[], marker: string): Contender[] {
  const contenders: Contender[] = [];
  for (const name of names) {
    const sequence = sequenceOf(name, marker);
    if (sequence !== undefined) contenders.push({ name, sequence });
  }
  return contenders.sort(bySequence);
}

function sequenceOf(name: string, marker: string): number | undefined {
  const at = name.lastIndexOf(marker);
  const digits = at === -1 ? "" : name.slice(at + marker.length);
  return /^-?\d+$/.test(digits) ? Number(digits) : undefined;
}

/** The server's counter is an int32 that wraps: the later of two is the one a short way ahead. */
function bySequence(a: Contender, b: Contender): number {
  return (a.sequence - b.sequence) | 0;
}
