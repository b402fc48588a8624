/** One process that takes the lock again and again, holds it for a moment and gives it back. Ends when its parent does. */
import { argv } from "node:process";
import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import type { ContenderEvent } from "./events.ts";

const [servers = "", path = "", sessionTimeoutMs = "2000", holdMs = "500"] = argv.slice(2);

function tell(event: ContenderEvent): void {
  process.send?.(event);
}

process.on("disconnect", () => process.exit());

await using client = await connect(servers, { sessionTimeoutMs: Number(sessionTimeoutMs) });
const mutex = new Mutex(client, path);
for (;;) {
  tell({ type: "waiting" });
  await mutex.run(async ({ fencingToken, signal }) => {
    const token = String(fencingToken);
    tell({ type: "holding", token });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, Number(holdMs));
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    tell({ type: "released", token });
  });
}
