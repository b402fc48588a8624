import type { WatchEvent } from "../driver/driver.ts";
import { coreOf, type Session } from "../session/session.ts";
import type { Once, OnceRequest } from "../watch/watch-hub.ts";

/**
 * Reads with a one-shot watch, in this session only. The request is sent before this returns. `listener` is called at the znode's next
 * event, once at most; never after `cancel()`, which also removes the watch at the server, nor after the session ended.
 */
export function watchOnce<Kind extends OnceRequest["kind"]>(
  session: Session,
  request: OnceRequest & { readonly kind: Kind },
  listener: (event: WatchEvent) => void,
): Once<Kind> {
  const core = coreOf(session);
  return core.watches.once(core, { ...request, path: session.chroot.toServer(request.path) }, listener);
}
