import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { openDatabase } from "./database.ts";
import { makeReport } from "./nightly-report.ts";

/** Three members of a fleet wake up at the same moment, each with a client of its own: one makes the report. */
export async function main(servers: string): Promise<void> {
  const database = await openDatabase();
  const today = new Date().toISOString().slice(0, 10);
  const fleet = ["web-1", "web-2", "web-3"].map(async (name) => {
    await using client = await connect(servers);
    const mutex = new Mutex(client, "/locks/nightly-report", { id: name });
    const outcome = await makeReport(mutex, database, today, async (signal) => {
      console.log(`${name} computes`);
      await sleep(200, undefined, { signal });
      return 4_711;
    });
    console.log(`${name}: ${outcome}`);
  });
  await Promise.all(fleet);
  console.log(await database.query("select name, total from reports"));
  await database.close();
}
