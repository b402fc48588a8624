import type { WatchEvent } from "../driver/driver.ts";
import { coreOf, type Session } from "../session/session.ts";
import type { OneShot, OneShotKind } from "../watch/one-shot.ts";

/**
 * Reads with a one-shot watch, in this session only. The request is sent before this returns. `listener` is called at the znode's next
 * event, once at most; never after `cancel()`, which also removes the watch at the server, nor after the session ended.
 */
export function watchOnce<Kind extends OneShotKind>(
  session: Session,
  { kind, path }: { readonly kind: Kind; readonly path: string },
  listener: (event: WatchEvent) => void,
): OneShot<Kind> {
  const core = coreOf(session);
  return core.watches.once(core, { kind, path: session.chroot.toServer(path) }, listener);
}
