import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Mutex } from "@quorate/lock";
import { expect, test } from "vitest";
import type { WorkerReport } from "../processes/lock-worker.ts";
import { eventually } from "../support/eventually.ts";
import { ownPath } from "../support/own-path.ts";
import { startCurator } from "./support/java.ts";
import { usePair } from "./support/pair.ts";
import { describePeer } from "./support/servers.ts";

const patientlyMs = 30_000;
const holdsEach = 60;
/** Takes the lock `/locks/counter` below the connect string's chroot. */
const workerFile = fileURLToPath(new URL("../processes/lock-worker.ts", import.meta.url));

describePeer("Apache Curator", (server) => {
  const curator = usePair(server, startCurator);

  test("Mutex and InterProcessMutex stand in one line, first come first served", async () => {
    const { a, b } = curator;
    const path = `${await ownPath(server.client)}/lock`;
    const inLine = (count: number): Promise<string[]> =>
      eventually(async () => {
        const names = await server.look.children(path);
        return names.length === count && names;
      });
    const order: [string, unknown][] = [];
    const mutex = new Mutex(server.client, path);

    const first = await mutex.acquire();
    const acquiring: Promise<unknown>[] = [];
    const lines: string[][] = [];
    acquiring.push(a.call("mutex.acquire", path, patientlyMs).then((got) => order.push(["curator a", got])));
    lines.push(await inLine(2));
    const third = mutex.acquire().then((lease) => {
      order.push(["quorate", true]);
      return lease;
    });
    lines.push(await inLine(3));
    acquiring.push(b.call("mutex.acquire", path, patientlyMs).then((got) => order.push(["curator b", got])));
    lines.push(await inLine(4));
    expect(await mutex.tryAcquire()).toBeUndefined();
    expect(order).toEqual([]);

    // Each newcomer's znode is the one with the highest sequence number, whoever made it.
    const arrivals = lines.map((names) =>
      names
        .map((name) => name.slice(-"lock-0000000000".length))
        .sort()
        .at(-1),
    );
    expect(arrivals).toEqual(["lock-0000000001", "lock-0000000002", "lock-0000000003"]);

    await first.release();
    await eventually(() => order.length === 1);
    await a.call("mutex.release", path);
    const lease = await third;
    lease.assertHeld();
    await lease.release();
    await Promise.all(acquiring);
    await b.call("mutex.release", path);
    expect(order).toEqual([
      ["curator a", true],
      ["quorate", true],
      ["curator b", true],
    ]);
    await eventually(async () => (await server.look.children(path)).length === 0);
  });

  test("Mutex gets the lock when the session of the InterProcessMutex before it is lost", async () => {
    const { a } = curator;
    const path = `${await ownPath(server.client)}/lock`;

    await a.call("mutex.acquire", path, patientlyMs);
    const acquiring = new Mutex(server.client, path).acquire();
    await eventually(async () => (await server.look.children(path)).length === 2);
    await a.call("session.kill");
    await using lease = await acquiring;
    lease.assertHeld();
    expect(await server.look.children(path)).toHaveLength(1);
  });

  test("a JVM and a Node.js process contend for one lock and never hold it together", async () => {
    const root = await ownPath(server.client);
    const directory = await mkdtemp(join(tmpdir(), "quorate-interop-"));
    await writeFile(join(directory, "counter"), "0");
    const path = `${root}/locks/counter`;
    const gate = await new Mutex(server.client, path).acquire();
    const worker = spawn(
      execPath,
      ["--import", "tsx", "--conditions=@quorate/source", workerFile, "quorate", directory, String(holdsEach)],
      { env: { ...process.env, QUORATE_CONNECT: server.connectString + root }, stdio: ["ignore", "pipe", "pipe"] },
    );
    try {
      const output = Promise.all([text(worker.stdout), text(worker.stderr), once(worker, "exit")]);
      const contending = curator.a.call("mutex.contend", path, directory, holdsEach);
      // They start together, once both stand in line.
      await eventually(async () => (await server.look.children(path)).length === 3, { boundMs: 30_000 });
      await gate.release();
      const [[out, errors, [status]], contended] = await Promise.all([output, contending]);

      expect(status, errors).toBe(0);
      const { holds, overlaps, lost } = JSON.parse(out) as WorkerReport;
      expect({ holds, overlaps, lost }).toEqual({ holds: holdsEach, overlaps: 0, lost: 0 });
      expect(contended).toEqual({ holds: holdsEach, overlaps: 0 });
      expect(await readFile(join(directory, "counter"), "utf8")).toBe(String(2 * holdsEach));
      const turns = await holders(directory);
      expect(turns).toHaveLength(2 * holdsEach);
      // First come first served: whoever gives the lock back finds the other one in line.
      const handOvers = turns.filter((turn, index) => index > 0 && turn !== turns[index - 1]).length;
      expect(handOvers).toBeGreaterThan(holdsEach / 2);
      expect(await server.look.children(path)).toEqual([]);
    } finally {
      worker.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    }
  });
});

/** Who held the lock, in order. */
async function holders(directory: string): Promise<string[]> {
  const log = await readFile(join(directory, "holds.jsonl"), "utf8").catch(() => "");
  return log
    .split("\n")
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { worker: string }).worker);
}
