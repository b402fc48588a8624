import type { Client } from "@quorate/core";
import { ErrorCode } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { errorFromServer } from "../../../core/src/errors/server-errors.ts";
import { stat } from "../../../core/test/support/stat.ts";
import { lineOf } from "../../src/participants/participant.ts";
import { readLeader, readParticipants } from "../../src/participants/read.ts";

const line = lineOf("/l");

/** What is asked, in order. */
let log: string[];
/** Paths, and what they hold; a leader that goes as soon as it is listed has none. */
let nodes: Map<string, string>;
let listings: string[][];

beforeEach(() => {
  log = [];
  nodes = new Map([
    ["/l", ""],
    ["/l/latch-0000000002", "b"],
    ["/l/_c_x-p7-latch-0000000003", "c"],
  ]);
  listings = [["_c_x-p7-latch-0000000003", "latch-0000000002", "config"]];
});

const client = {
  sync: async (path: string) => void log.push(`sync ${path}`),
  children: async (path: string) => {
    log.push(`children ${path}`);
    const names = listings.length > 1 ? listings.shift() : listings[0];
    if (names === undefined) throw errorFromServer(ErrorCode.NO_NODE);
    return names;
  },
  get: async (path: string) => {
    log.push(`get ${path}`);
    const data = nodes.get(path);
    if (data === undefined) throw errorFromServer(ErrorCode.NO_NODE);
    return { data: Buffer.from(data), stat: stat({ czxid: Number(path.slice(-10)) || 1 }) };
  },
} as unknown as Client;

describe("reading the leader", () => {
  it("asks behind a sync, so that one just elected is seen", async () => {
    expect(await readLeader(client, line, {})).toEqual({ id: "b", fencingToken: 2n, data: null });
    expect(log).toEqual(["sync /l", "children /l", "get /l/latch-0000000002", "get /l"]);
  });

  it("looks again when the one listed first has gone meanwhile: the next one leads", async () => {
    listings = [["latch-0000000001", "latch-0000000002"], ["latch-0000000002"]];
    expect(await readLeader(client, line, {})).toMatchObject({ id: "b" });
  });

  it("there is none where nobody is in line, or no directory", async () => {
    listings = [["config"]];
    expect(await readLeader(client, line, {})).toBeUndefined();
    listings = [];
    expect([await readLeader(client, line, {}), await readParticipants(client, line, {})]).toEqual([undefined, []]);
  });
});

it("participants come in the order of the line, with their priorities; who has gone meanwhile is left out", async () => {
  listings = [["_c_x-p7-latch-0000000003", "latch-0000000002", "latch-0000000001"]];
  expect(await readParticipants(client, line, {})).toEqual([
    { id: "b", fencingToken: 2n, priority: 0, isLeader: true },
    { id: "c", fencingToken: 3n, priority: 7, isLeader: false },
  ]);
  expect(log[0]).toBe("sync /l");
});
