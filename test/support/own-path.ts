import { randomUUID } from "node:crypto";
import type { Client } from "@quorate/core";

/** Creates a znode for one test to work below, so that tests share an ensemble without meeting. */
export async function ownPath(client: Client): Promise<string> {
  const { path } = await client.create(`/test-${randomUUID()}`);
  return path;
}
