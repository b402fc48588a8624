/**
 * Told servers and milliseconds, it answers with addresses behind which those servers' bytes arrive that much later: a longer round trip.
 * Without timers, whose millisecond may be two; so it keeps a processor busy while it holds something.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { answer } from "./answering.ts";

function hold(source: Socket, sink: Socket, delayMs: number): void {
  const held: { readonly bytes: Buffer; readonly dueAt: number }[] = [];
  const flush = (): void => {
    for (let [next] = held; next !== undefined && next.dueAt <= performance.now(); [next] = held) {
      held.shift();
      sink.write(next.bytes);
    }
    if (held.length > 0) setImmediate(flush);
  };
  source.on("data", (bytes: Buffer) => {
    if (held.push({ bytes, dueAt: performance.now() + delayMs }) === 1) setImmediate(flush);
  });
}

async function inFrontOf(target: string, delayMs: number): Promise<string> {
  const { hostname, port } = new URL(`tcp://${target}`);
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    client.pipe(upstream);
    hold(upstream, client, delayMs);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

await answer({
  delay: async (servers, delayMs) => ({
    servers: (await Promise.all(servers.split(",").map((server) => inFrontOf(server, Number(delayMs))))).join(","),
  }),
});
