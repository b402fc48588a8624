import { connect } from "@quorate/core";
import { openLimits } from "./limits.ts";

/** An operator changes the limits while a service runs; the service hears of it at once, and never of what does not fit. */
export async function main(servers: string): Promise<void> {
  await using service = await connect(servers);
  await using operator = await connect(servers);
  await using limits = await openLimits(service);
  await using panel = await openLimits(operator);
  console.log(`starts with ${JSON.stringify(limits.value)}`);

  const changes = limits.watch();
  await changes.next(); // the version now
  await panel.set({ requestsPerSecond: 250 });
  console.log(`goes on with ${JSON.stringify((await changes.next()).value?.value)}`);

  const refused = new Promise<void>((resolve) => {
    limits.on("invalid", ({ issues }) => {
      console.log(`keeps what it has: ${issues.map(({ path }) => path.join(".")).join(", ")} does not fit`);
      resolve();
    });
  });
  // Somebody writes to the znode with another tool.
  await operator.set("/config/limits", '{"requestsPerSecond": "a lot"}');
  await refused;
  console.log(`still goes by ${JSON.stringify(limits.value)}`);

  await panel.set({ requestsPerSecond: 300 });
  console.log(`goes on with ${JSON.stringify((await changes.next()).value?.value)}`);
}
