/** Runs servers, for development. Larger than all the rest, and nothing that only talks to servers needs it: loaded when asked for. */
export async function loadTesting(): Promise<typeof import("@quorate/testing")> {
  // oxlint-disable-next-line no-restricted-imports -- the one place; docs/adr/0031-command-loads-testing.md
  return import("@quorate/testing");
}
