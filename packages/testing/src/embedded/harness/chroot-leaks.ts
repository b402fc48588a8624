import { fourLetterWord } from "../../ensemble/four-letter-word.ts";
import type { Leaks } from "../leaks.ts";

type Left = Leaks["watches"][number];

/** Leaves out what is elsewhere; the sessions are those of the clients opened here. */
export function within(chroot: string, { watches, ephemerals }: Leaks, sessions: readonly bigint[]): Leaks {
  const isInside = ({ path }: Left): boolean => path === chroot || path.startsWith(`${chroot}/`);
  return { sessions, watches: watches.filter(isInside), ephemerals: ephemerals.filter(isInside) };
}

/**
 * Asks servers that are no object of this process for what is left, by the words `wchc` and `dump`: a real server has to allow them
 * (`4lw.commands.whitelist`). It tells of data watches and lasting ones, not of one-shot watches of children.
 */
export async function askForLeaks(
  servers: readonly { readonly host: string; readonly port: number }[],
): Promise<Leaks> {
  const answers = await Promise.all(
    servers.flatMap((server) => ["wchc", "dump"].map(async (word) => parse(await fourLetterWord(server, word, 5000)))),
  );
  const watches = answers.filter((_, index) => index % 2 === 0).flat();
  // Every member knows of all ephemeral znodes.
  const ephemerals = new Map(
    answers
      .filter((_, index) => index % 2 === 1)
      .flat()
      .map((left) => [left.path, left]),
  );
  return { sessions: [], watches, ephemerals: [...ephemerals.values()] };
}

/** A session on a line of its own, then its paths, each behind a tab. */
function parse(answer: string): Left[] {
  const left: Left[] = [];
  let sessionId: bigint | undefined;
  for (const line of answer.split("\n")) {
    const session = /^0x([0-9a-f]+):?$/.exec(line)?.[1];
    if (session !== undefined) sessionId = BigInt(`0x${session}`);
    else if (line.startsWith("\t/") && sessionId !== undefined) left.push({ path: line.slice(1), sessionId });
  }
  return left;
}
