import { changesBetween, type Version } from "../stat-changes.ts";
import { Rearming } from "./rearming.ts";
import type { Source, SourceContext, SourceEvents } from "./source.ts";

/** One znode created, changed and deleted. */
export function nodeSource(context: SourceContext, path: string, events: SourceEvents): Source {
  let isReady = false;
  let known: Version | undefined;
  const node = new Rearming(context, "exists", path, {
    read(reply, event) {
      const before = known;
      known = reply?.stat;
      if (!isReady) {
        isReady = true;
        return events.ready();
      }
      for (const { type, zxid } of changesBetween("data", before, known)) events.change(type, path, zxid);
      if (event?.type === "created" && before === undefined && known === undefined) {
        // Created and deleted again before it could be read.
        events.change("created", path, event.zxid);
        events.change("deleted", path, -1n);
      }
    },
    failed: events.failed,
  });
  node.start();
  return { close: () => node.stop() };
}
