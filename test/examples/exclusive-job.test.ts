import { connect } from "@quorate/core";
import { expect, inject, test, vi } from "vitest";

test("the README's lock example runs as written", async () => {
  const { connectString } = inject("zookeeper");
  const chroot = `/examples-${process.pid}`;
  await using client = await connect(connectString);
  await client.create(chroot);
  vi.stubEnv("QUORATE_CONNECT", `${connectString}${chroot}`);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    await import("../../examples/exclusive-job/src/main.ts");
    expect(log.mock.calls).toEqual([
      [expect.stringMatching(/^holding the lock, fencing token \d+$/)],
      [["report-0000000000"]],
    ]);
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }

  expect(await client.children(`${chroot}/locks/reports`)).toEqual([]);
});
