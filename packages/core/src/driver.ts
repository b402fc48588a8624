/** What drivers are made of. For driver authors: applications pass a driver to `connect()`. */
export { allCapabilities, cannot, neededCapabilities } from "./driver/capabilities.ts";
export type { Credential } from "./driver/credentials.ts";
export { errorFromServer } from "./errors/server-errors.ts";
export { netTransport } from "./transport/net-transport.ts";
export type {
  Admission,
  ConnectionEvents,
  ConnectionFactory,
  ConnectionOptions,
  SessionConnection,
} from "./wire/connection.ts";
export { type Heart, Heartbeat } from "./wire/heartbeat.ts";
export { tooLarge } from "./wire/outbox.ts";
export { sessionOpener } from "./wire/session-opener.ts";
export type { RearmFrame } from "./wire/watch-book.ts";
