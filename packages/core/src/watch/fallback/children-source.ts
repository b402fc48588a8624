import { changesBetween, type Version } from "../stat-changes.ts";
import { Rearming } from "./rearming.ts";
import type { Source, SourceContext, SourceEvents } from "./source.ts";

/** The list of children of one znode, and that znode created and deleted. */
export function childrenSource(context: SourceContext, path: string, events: SourceEvents): Source {
  let isReady = false;
  let known: Version | undefined;
  const found = (now: Version | undefined): void => {
    const before = known;
    known = now;
    if (isReady) {
      for (const { type, zxid } of changesBetween("children", before, now)) events.change(type, path, zxid);
      return;
    }
    isReady = true;
    events.ready();
  };
  const list = new Rearming(context, "children", path, {
    // A missing znode has no list to watch: it is awaited first.
    read: (reply) => (reply === undefined ? node.start() : found(reply.stat)),
    failed: events.failed,
  });
  const node = new Rearming(context, "exists", path, {
    read(reply) {
      if (reply === undefined) return found(undefined);
      node.stop();
      list.start();
    },
    failed: events.failed,
  });
  list.start();
  return {
    close() {
      list.stop();
      node.stop();
    },
  };
}
