import { expect, test } from "vitest";
import { fourLetterWord, parseSrvr } from "../../src/ensemble/four-letter-word.ts";
import { leaderAmong } from "../../src/ensemble/readiness.ts";
import { listen } from "../proxy/fake-server.ts";

const answer = (mode: string): string =>
  `Zookeeper version: 3.8.0\nOutstanding: 0\nZxid: 0x20000000a\nMode: ${mode}\nNode count: 5\n`;

test.each(["leader", "follower", "observer", "standalone", "read-only"])("srvr of a %s", (mode) => {
  expect(parseSrvr(answer(mode))).toEqual({ mode, zxid: 0x20000000an });
});

test("srvr of a server that does not serve, or says something unknown", () => {
  expect(parseSrvr("This ZooKeeper instance is not currently serving requests\n")).toBeUndefined();
  expect(parseSrvr(answer("dreaming"))).toBeUndefined();
  expect(parseSrvr("")).toBeUndefined();
});

test("the whole answer is read, whatever pieces it comes in", async () => {
  await using server = await listen((socket) => {
    socket.once("data", (word) => {
      socket.write("you said ");
      setTimeout(() => socket.end(word), 10);
    });
  });
  expect(await fourLetterWord({ host: "127.0.0.1", port: server.port }, "ruok", 5000)).toBe("you said ruok");
});

test("silence ends with an error, and so does a closed port", async () => {
  await using silent = await listen((socket) => socket.resume().on("end", () => socket.end()));
  const target = { host: "127.0.0.1", port: silent.port };
  await expect(fourLetterWord(target, "ruok", 50)).rejects.toMatchObject({ code: "ENSEMBLE" });
  const gone = await listen(() => {});
  await gone[Symbol.asyncDispose]();
  await expect(fourLetterWord({ host: "127.0.0.1", port: gone.port }, "ruok", 5000)).rejects.toThrow(/ECONNREFUSED/);
});

test("of two that call themselves leader the later epoch's is", () => {
  const stale = { id: 1, mode: "leader", zxid: 0x1ffffffffn } as const;
  const elected = { id: 2, mode: "leader", zxid: 0x200000000n } as const;
  const follower = { id: 3, mode: "follower", zxid: 0x200000000n } as const;
  expect(leaderAmong([stale, elected, follower])?.id).toBe(2);
  expect(leaderAmong([elected, stale])?.id).toBe(2);
  expect(leaderAmong([follower])).toBeUndefined();
});
