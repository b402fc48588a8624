import { networkInterfaces } from "node:os";
import type { Client } from "@quorate/core";

const mapped = /^::ffff:(?=\d+\.)/i;

/**
 * The address others can reach this process at: that of the interface which reaches the ensemble. Where the driver cannot tell it, the first
 * one that is no loopback, as Curator does.
 */
export function localAddress({ localAddress: towardsServer }: Client): string {
  if (towardsServer !== undefined) return towardsServer.replace(mapped, "");
  const external = Object.values(networkInterfaces())
    .flat()
    .filter((info) => info !== undefined && !info.internal);
  const found = external.find((info) => info?.family === "IPv4") ?? external[0];
  return found?.address ?? "127.0.0.1";
}
