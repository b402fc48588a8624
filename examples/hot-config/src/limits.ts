import { ConfigWatcher } from "@quorate/config";
import type { Client } from "@quorate/core";
import * as z from "zod";

const limitsSchema: z.ZodObject<{ requestsPerSecond: z.ZodNumber; burst: z.ZodDefault<z.ZodNumber> }> = z.object({
  requestsPerSecond: z.number().positive(),
  burst: z.number().int().positive().default(10),
});

export type Limits = z.infer<typeof limitsSchema>;

/** What every process of the service goes by; its type is the schema's. */
export function openLimits(client: Client): Promise<ConfigWatcher<Limits, z.input<typeof limitsSchema>>> {
  return ConfigWatcher.open(client, "/config/limits", {
    schema: limitsSchema,
    default: { requestsPerSecond: 100 },
    timeoutMs: 10_000,
  });
}
