import { randomUUID } from "node:crypto";
import { type Client, connect } from "@quorate/core";
import { inject, onTestFinished, vi } from "vitest";

/** The shared ensemble with a chroot of this test's own, and a client to look at it. */
export async function ownChroot(): Promise<{ readonly servers: string; readonly client: Client }> {
  const { connectString } = inject("zookeeper");
  const chroot = `/example-${randomUUID()}`;
  const admin = await connect(connectString);
  await admin.create(chroot);
  await admin.close();
  const servers = `${connectString}${chroot}`;
  const client = await connect(servers);
  onTestFinished(() => client.close());
  return { servers, client };
}

/** Runs an example and gives what it printed, a line each. */
export async function printed(main: (servers: string) => Promise<void>, servers: string): Promise<string[]> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await main(servers);
    return log.mock.calls.map(([line]) => (typeof line === "string" ? line : JSON.stringify(line)));
  } finally {
    log.mockRestore();
  }
}
