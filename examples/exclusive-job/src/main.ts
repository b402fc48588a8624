import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";

await using client = await connect(process.env["QUORATE_CONNECT"] ?? "127.0.0.1:2181");
const mutex = new Mutex(client, "/locks/reports");

await mutex.run(
  async (lease) => {
    console.log(`holding the lock, fencing token ${lease.fencingToken}`);
    if (!(await client.exists("/reports"))) await client.create("/reports");
    lease.assertHeld(); // throws a LeaseLostError if the lock may be someone else's by now
    // A fenced write: the server applies it only while the lock is ours.
    await lease.transaction().create("/reports/report-", "done", { mode: "persistent-sequential" }).commit();
  },
  { timeoutMs: 30_000 }, // gives up waiting after this time, and leaves no trace of the attempt
);

console.log(await client.children("/reports"));
