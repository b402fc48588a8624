/** Where contenders line up: a directory of sequential znodes. */
export interface WaitingLine {
  readonly directory: string;
  /** What stands before the sequence number in the name of every contender, such as Curator's `lock-`. */
  readonly marker: string;
  /** Markers of others who stand in the same line. Default none. */
  readonly others?: readonly string[];
  /**
   * Whom one waits for, by those ahead, first come first; undefined means for nobody. Who waits for nobody must not have to when fewer are
   * ahead. Default: whoever is right before.
   */
  readonly blocker?: (ahead: readonly Contender[]) => Contender | undefined;
  /** Whether a contender may hand its place to another. Then those ahead are listed again before one counts as first. Default false. */
  readonly handsPlacesOn?: boolean;
}

/** One znode in the directory that takes part. */
export interface Contender {
  readonly name: string;
  /** What stands before the sequence number. */
  readonly marker: string;
  readonly sequence: number;
}

/** Where a contender stood when the line was listed. */
export type Standing =
  | { readonly kind: "missing" }
  /** Waits for nobody. */
  | { readonly kind: "first" }
  /** `isLast`: whether nobody else blocks once the blocker is gone. */
  | { readonly kind: "blocked"; readonly blocker: string; readonly isLast: boolean };

/** A line's directory as a server listed it. Put in order once, however many look for their place in it. */
export class Listing {
  readonly names: readonly string[];
  #order: { readonly markers: string; readonly contenders: readonly Contender[] } | undefined;

  constructor(names: readonly string[]) {
    this.names = names;
  }

  standingOf(name: string, line: WaitingLine): Standing {
    const { blocker = rightBefore, handsPlacesOn = false } = line;
    const contenders = this.#inOrder(line);
    const position = contenders.findIndex((contender) => contender.name === name);
    if (position === -1) return { kind: "missing" };
    const ahead = contenders.slice(0, position);
    const blocking = blocker(ahead);
    if (blocking === undefined) return { kind: "first" };
    const isLast = !handsPlacesOn && blocker(ahead.filter((contender) => contender !== blocking)) === undefined;
    return { kind: "blocked", blocker: blocking.name, isLast };
  }

  #inOrder({ marker, others = [] }: WaitingLine): readonly Contender[] {
    const markers = [marker, ...others].join("/");
    if (this.#order?.markers !== markers) {
      this.#order = { markers, contenders: inOrder(this.names, marker, ...others) };
    }
    return this.#order.contenders;
  }
}

/** Who stands in line, first come first. Names that are no contender's are left out. */
export function inOrder(names: readonly string[], ...markers: readonly string[]): Contender[] {
  const ranked: Ranked[] = [];
  for (const name of names) {
    const contender = contenderOf(name, markers);
    if (contender !== undefined) ranked.push(contender);
  }
  return ranked.sort(byPlace);
}

interface Ranked extends Contender {
  /** Among those with the same sequence number. */
  readonly rank: number;
}

function contenderOf(name: string, markers: readonly string[]): Ranked | undefined {
  for (const marker of markers) {
    const at = name.lastIndexOf(marker);
    const place = at === -1 ? null : /^(-\d+|\d{1,10})(\d*)$/.exec(name.slice(at + marker.length));
    if (place !== null) return { name, marker, sequence: Number(place[1]), rank: Number(place[2]) };
  }
  return undefined;
}

/**
 * The server's counter is an int32 that wraps: the later of two is the one a short way ahead. A number of its own behind ten digits ranks
 * right behind whoever has these ten: so Curator names the reader that a writer becomes.
 */
function byPlace(a: Ranked, b: Ranked): number {
  return (a.sequence - b.sequence) | 0 || (a.rank - b.rank) | 0;
}

function rightBefore(ahead: readonly Contender[]): Contender | undefined {
  return ahead.at(-1);
}
