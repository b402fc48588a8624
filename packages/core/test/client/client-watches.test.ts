import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openClient } from "../support/open-client.ts";
import { rejection, watched } from "../support/turns.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it("a watch names the server's paths to the server and the application's to it, through reconnects and lost sessions", async () => {
  const { client, driver } = await openClient({ servers: "zk/app" });
  const watch = client.watch("/a");
  expect(driver.session.log).toEqual(["addWatch /app/a"]);
  await driver.session.answer({ err: 0 });
  const events = watch[Symbol.asyncIterator]();
  await driver.session.fireWatch("created", "/app/a");
  expect((await events.next()).value).toMatchObject({ type: "created", path: "/a" });
  await driver.session.disconnect();
  await driver.session.connect();
  expect((await events.next()).value).toEqual({ type: "resync", path: "/a" });
  await driver.session.expire();
  await driver.session.connect();
  expect(driver.session.log).toEqual(["addWatch /app/a"]);
  await driver.session.answer({ err: 0 });
  expect((await events.next()).value).toEqual({ type: "resync", path: "/a" });
  const waiting = watched(events.next());
  await client.close();
  expect(await waiting.promise).toEqual({ done: true, value: undefined });
});

it("what can never be watched or cached is refused, and nothing is watched by a closed client", async () => {
  const { client, driver } = await openClient();
  expect(() => client.watch("a")).toThrow(/does not start with/);
  expect(await rejection(client.cache("a"))).toMatchObject({ code: "INVALID_ARGUMENT", op: "cache" });
  await client.close();
  const watch = client.watch("/a");
  expect(await rejection(watch.ready)).toMatchObject({ code: "CLOSED" });
  expect(await rejection(client.cache("/a"))).toMatchObject({ code: "CLOSED" });
  expect(driver.session.log).toEqual([]);
});
