import type { Session } from "../session/session.ts";
import { Listing } from "./waiting-line.ts";

interface Asked {
  readonly listing: Promise<Listing>;
  readonly onSent: (() => void)[];
}

const asked = new WeakMap<Session, Map<string, Asked>>();

/**
 * Lists a directory for everyone who asks until the running code gives way: behind what they have sent until then, and still in the same
 * write. The many who line up at once need one listing, which is as long as their line.
 *
 * @param onSent called right behind the request
 */
export function shareListing(session: Session, directory: string, onSent: () => void = () => {}): Promise<Listing> {
  const open = asked.get(session) ?? new Map<string, Asked>();
  asked.set(session, open);
  const shared = open.get(directory);
  if (shared !== undefined) {
    shared.onSent.push(onSent);
    return shared.listing;
  }
  const everyone = [onSent];
  const listing = Promise.resolve().then(async () => {
    open.delete(directory);
    const names = session.children(directory);
    for (const tell of everyone) tell();
    return new Listing(await names);
  });
  open.set(directory, { listing, onSent: everyone });
  return listing;
}
