import type { Client } from "@quorate/core";
import { Mutex } from "@quorate/lock";

/** Withdraws 1 from an account, again and again: the counterpart of java/Withdrawals.java, with the same lock. */
export async function withdraw(client: Client, times: number): Promise<void> {
  const mutex = new Mutex(client, "/locks/account");
  for (let i = 0; i < times; i += 1) {
    await mutex.run(async (lease) => {
      const { data } = await client.get("/account");
      const balance = Number(Buffer.from(data ?? [])) - 1;
      await lease.transaction().set("/account", String(balance)).commit();
      console.log(`Quorate: ${balance}`);
    });
  }
}
