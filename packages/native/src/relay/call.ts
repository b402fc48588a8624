import type { Operation } from "@quorate/protocol";

/** A request handed to the C client, and who waits for the server's answer. */
export interface Call {
  readonly operation: Operation;
  resolve(reply: never): void;
  reject(error: Error): void;
}
