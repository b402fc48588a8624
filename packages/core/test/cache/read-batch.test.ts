import { ErrorCode, type Operation } from "@quorate/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { ReadBatch } from "../../src/cache/read-batch.ts";
import { ConnectionLossError, UnsupportedError } from "../../src/errors/client-errors.ts";
import { chroot } from "../../src/paths/chroot.ts";
import { FakeLink, settle, stat } from "../watch/fake-link.ts";

let link: FakeLink;
let reads: ReadBatch;

beforeEach(() => {
  link = new FakeLink();
  reads = new ReadBatch({
    chroot: chroot("/app"),
    call: ((operation: Operation) => link.request(operation)) as never,
  });
});

function found(number: number): object {
  return { op: "getData", data: new Uint8Array([number]), stat: stat({ czxid: number }) };
}

describe("reads asked for at once", () => {
  it("travel together, and each gets its own answer", async () => {
    const both = Promise.all([reads.get("/a"), reads.get("/b")]);
    await settle();
    expect(link.takeLog()).toEqual(["multiRead /app/a /app/b"]);
    await link.answer({ results: [found(1), found(2)] });
    expect((await both).map(({ data }) => data?.[0])).toEqual([1, 2]);
  });

  it("are not too many for one answer", async () => {
    const all = Promise.all(Array.from({ length: 65 }, (_, index) => reads.get(`/${index}`)));
    await settle();
    expect(link.open.map(({ operation }) => operation)).toMatchObject([
      { op: "multiRead", operations: { length: 32 } },
      { op: "multiRead", operations: { length: 32 } },
      { op: "getData", path: "/app/64" },
    ]);
    for (const start of [0, 32]) {
      await link.answer({ results: Array.from({ length: 32 }, (_, index) => found(start + index)) });
    }
    await link.answer(found(64));
    expect((await all).map(({ data }) => data?.[0])).toEqual(Array.from({ length: 65 }, (_, index) => index));
  });

  it("fail each for itself, with the application's path", async () => {
    const [missing, there] = [reads.get("/a"), reads.get("/b")];
    const failure = missing.catch((error: unknown) => error);
    await settle();
    await link.answer({ results: [{ op: "error", err: ErrorCode.NO_NODE }, found(2)] });
    expect(await failure).toMatchObject({ code: "NO_NODE", path: "/a" });
    expect((await there).data?.[0]).toBe(2);
  });

  it("all fail when the request does", async () => {
    const failures = Promise.all(["/a", "/b"].map((path) => reads.get(path).catch((error: unknown) => error)));
    await settle();
    await link.answer(new ConnectionLossError("lost"));
    expect(await failures).toEqual([expect.any(ConnectionLossError), expect.any(ConnectionLossError)]);
  });

  it("are made one by one where the server knows no other way, from then on", async () => {
    const both = Promise.all([reads.get("/a"), reads.get("/b")]);
    await settle();
    await link.answer(new UnsupportedError("unknown"));
    await link.answer(found(1));
    await link.answer(found(2));
    expect((await both).map(({ data }) => data?.[0])).toEqual([1, 2]);
    void reads.get("/c");
    void reads.get("/d");
    await settle();
    expect(link.takeLog().slice(1)).toEqual(["getData /app/a", "getData /app/b", "getData /app/c", "getData /app/d"]);
  });
});
