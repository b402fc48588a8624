/** An embedded server in a process of its own; tells its connect string, and its memory when asked. */
import { EmbeddedServer } from "@quorate/testing";

const server = await EmbeddedServer.start({ tickTimeMs: 2000 });
process.on("message", () => {
  (globalThis as { gc?: () => void }).gc?.();
  process.send?.({ rssBytes: process.memoryUsage.rss(), znodes: server.stats.znodes, watches: server.stats.watches });
});
process.send?.({ connectString: server.connectString });
