import { subscribe, tracingChannel, unsubscribe } from "node:diagnostics_channel";
import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Opened, openClient } from "../support/open-client.ts";
import { stat } from "../support/stat.ts";
import { rejection, turns } from "../support/turns.ts";

let opened: Opened;

beforeEach(async () => {
  opened = await openClient({ servers: "zk/app" });
});

afterEach(() => opened.client.close());

describe("the channel quorate:operation", () => {
  const heard: [event: string, message: object][] = [];
  const hear =
    (event: string) =>
    (message: unknown): void =>
      void heard.push([event, { ...(message as object) }]);
  const subscribers = {
    start: hear("start"),
    end: hear("end"),
    asyncStart: hear("asyncStart"),
    asyncEnd: hear("asyncEnd"),
    error: hear("error"),
  };
  const operations = tracingChannel("quorate:operation");

  beforeEach(() => {
    heard.length = 0;
    operations.subscribe(subscribers);
  });

  afterEach(() => operations.unsubscribe(subscribers));

  it("tells of each operation's start and end, and shows no data", async () => {
    const { client, driver } = opened;
    const reading = client.get("/a");
    expect(driver.session.log).toEqual(["getData /app/a"]);
    await driver.session.answer({ data: Buffer.from("secret"), stat: stat({ czxid: 1 }) });
    expect((await reading).data).toEqual(Buffer.from("secret"));
    expect(heard.map(([event]) => event)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(heard[0]?.[1]).toEqual({ op: "getData", path: "/app/a" });
    expect(heard.map(([, message]) => (message as { result?: unknown }).result)).toEqual(Array(4).fill(undefined));
  });

  it("tells of failures, without getting in their way", async () => {
    const { client, driver } = opened;
    const reading = rejection(client.get("/a"));
    await driver.session.refuse(ErrorCode.NO_NODE);
    const error = await reading;
    expect(error).toMatchObject({ code: "NO_NODE", path: "/a" });
    expect(heard.find(([event]) => event === "error")?.[1]).toMatchObject({ op: "getData", error });
  });

  it("costs nothing and changes nothing once nobody listens", async () => {
    operations.unsubscribe(subscribers);
    const reading = opened.client.whoAmI();
    await opened.driver.session.answer({ clientInfo: [] });
    expect([await reading, heard]).toEqual([[], []]);
  });
});

it("the channel quorate:state tells each state, with the session's id in hexadecimal", async () => {
  const heard: unknown[] = [];
  const hear = (message: unknown): void => void heard.push(message);
  subscribe("quorate:state", hear);
  const { client, driver } = opened;
  await driver.session.disconnect();
  await driver.session.connect();
  await driver.session.expire();
  await driver.session.connect({ sessionId: -2n });
  await client.close();
  unsubscribe("quorate:state", hear);
  await turns();
  expect(heard).toEqual([
    { state: "suspended", sessionId: "0x1" },
    { state: "connected", sessionId: "0x1" },
    { state: "lost", sessionId: "0x1" },
    { state: "connected", sessionId: "0xfffffffffffffffe" },
    { state: "closed", sessionId: "0xfffffffffffffffe" },
  ]);
});
