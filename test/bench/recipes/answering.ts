import { createInterface } from "node:readline";

/** The protocol of a host: see `host.ts`. Ends the process with its input. */
export async function answer(
  commands: Readonly<Record<string, (servers: string, base: string, ...numbers: number[]) => Promise<object>>>,
): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command = "", servers = "", base = "", ...numbers] = line.split(" ");
    const reply = await Promise.resolve(commands[command]?.(servers, base, ...numbers.map(Number))).catch(
      (error: unknown) => ({ error: String(error) }),
    );
    console.log(JSON.stringify(reply ?? { error: `no command ${command}` }));
  }
  process.exit();
}
