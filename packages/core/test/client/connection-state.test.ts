import { expect, it } from "vitest";
import { type ConnectionEvent, type ConnectionState, nextState } from "../../src/client/connection-state.ts";

it.each<[from: ConnectionState, event: ConnectionEvent, to: ConnectionState]>([
  ["connecting", "connected", "connected"],
  ["connecting", "disconnected", "connecting"],
  ["connecting", "session-ended", "connecting"],
  ["connecting", "closed", "closed"],
  ["connected", "connected", "connected"],
  ["connected", "disconnected", "suspended"],
  ["connected", "session-ended", "lost"],
  ["connected", "closed", "closed"],
  ["suspended", "connected", "connected"],
  ["suspended", "disconnected", "suspended"],
  ["suspended", "session-ended", "lost"],
  ["suspended", "closed", "closed"],
  ["lost", "connected", "connected"],
  ["lost", "disconnected", "lost"],
  ["lost", "session-ended", "lost"],
  ["lost", "closed", "closed"],
  ["closed", "connected", "closed"],
  ["closed", "disconnected", "closed"],
  ["closed", "session-ended", "closed"],
  ["closed", "closed", "closed"],
])("%s, when %s: %s", (from, event, to) => {
  expect(nextState(from, event)).toBe(to);
});
