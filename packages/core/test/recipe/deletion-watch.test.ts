import { ErrorCode } from "@quorate/protocol";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeletionWatch } from "../../src/recipe/deletion-watch.ts";
import { type Opened, openClient } from "../support/open-client.ts";
import { turns } from "../support/turns.ts";

let opened: Opened;
let told = 0;

function watch(path = "/a"): DeletionWatch {
  return new DeletionWatch(opened.client.session, path, () => told++);
}

beforeEach(async () => {
  vi.useFakeTimers();
  told = 0;
  opened = await openClient({ servers: "zk/app" });
  opened.driver.tree.create("/app");
  opened.driver.tree.create("/app/a");
});

afterEach(async () => {
  await opened.client.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("a deletion watch", () => {
  it("is sent at once, by the server's path, and tells once", async () => {
    const deletion = watch();
    expect(opened.driver.session.log).toEqual(["exists /app/a"]);
    await opened.driver.session.serve();
    expect([told, deletion.isGone]).toEqual([0, false]);
    opened.driver.tree.delete("/app/a");
    await turns();
    expect([told, deletion.isGone]).toEqual([1, true]);
    opened.driver.tree.create("/app/a");
    opened.driver.tree.delete("/app/a");
    await turns();
    expect(told).toBe(1);
  });

  it("tells of a znode that is gone already, and leaves no watch for its return", async () => {
    watch("/b");
    await opened.driver.session.serve();
    expect(told).toBe(1);
    expect(opened.driver.session.log).toEqual(["exists /app/b", "removeWatches /app/b"]);
    expect(opened.driver.tree.watched).toEqual([]);
  });

  it("goes on after other events", async () => {
    watch();
    await opened.driver.session.serve();
    await opened.driver.session.fireWatch("dataChanged", "/app/a");
    expect([told, opened.driver.session.log.length]).toEqual([0, 2]);
    await opened.driver.session.serve();
    opened.driver.tree.delete("/app/a");
    await turns();
    expect(told).toBe(1);
  });

  it("is armed again when its request was lost", async () => {
    watch();
    await opened.driver.session.disconnect();
    opened.driver.tree.delete("/app/a");
    await opened.driver.session.connect();
    await opened.driver.session.serve();
    expect(told).toBe(1);
  });

  it("is armed again after a pause when the server refuses it for the moment", async () => {
    watch();
    await opened.driver.session.refuse(ErrorCode.THROTTLED_OP);
    expect(opened.driver.session.log).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(opened.driver.session.log).toHaveLength(2);
    await opened.driver.session.serve();
    opened.driver.tree.delete("/app/a");
    await turns();
    expect(told).toBe(1);
  });

  it.each<[name: string, end: (deletion: DeletionWatch) => void, removed: boolean]>([
    ["stop", (deletion) => deletion.stop(), true],
    ["abandon", (deletion) => deletion.abandon(), false],
  ])("tells nothing after %s(), whatever was under way", async (_, end, removed) => {
    const { session } = opened.driver;
    const armed = watch();
    await session.serve();
    end(armed);
    end(armed);
    await session.serve();
    expect(session.takeLog()).toEqual(["exists /app/a", ...(removed ? ["removeWatches /app/a"] : [])]);
    const [unanswered, refused] = [watch("/b"), watch()];
    end(unanswered);
    await session.serve(1);
    await session.refuse(ErrorCode.SESSION_MOVED);
    end(refused);
    await session.serve();
    const lost = watch("/b");
    await session.disconnect();
    end(lost);
    session.takeLog();
    await session.connect();
    await vi.advanceTimersByTimeAsync(1_000);
    await session.serve();
    expect(session.log.filter((entry) => entry.startsWith("exists"))).toEqual([]);
    opened.driver.tree.delete("/app/a");
    await turns();
    expect([told, armed.isGone, unanswered.isGone]).toEqual([0, false, false]);
  });

  it("tells nothing once the session has ended", async () => {
    watch();
    const waiting = watch();
    await opened.driver.session.serve(1);
    await opened.driver.session.expire();
    opened.driver.tree.delete("/app/a");
    await opened.driver.session.connect();
    await opened.driver.session.serve();
    expect([told, waiting.isGone, opened.driver.session.log]).toEqual([0, false, []]);
  });
});
