/**
 * Stands in for `@quorate/core` where suites run by the native driver (see vitest.config.ts): the same, but for the driver that `connect()`
 * takes by default.
 */
import { tracingChannel } from "node:diagnostics_channel";
import { type Client, type ConnectOptions, connect as connectByDefault } from "../../../packages/core/src/index.ts";
import { native } from "../../../packages/native/src/index.ts";

export * from "../../../packages/core/src/index.ts";

export async function connect(servers: string, options: ConnectOptions = {}): Promise<Client> {
  try {
    return await connectByDefault(servers, { driver: native(), ...options });
  } catch (error) {
    // For the runner, as the refusal of an operation is.
    tracingChannel("quorate:operation").error.publish({ error });
    throw error;
  }
}
