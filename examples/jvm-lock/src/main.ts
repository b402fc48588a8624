import { connect } from "@quorate/core";
import { withdrawWithCurator } from "./curator.ts";
import { withdraw } from "./withdrawals.ts";

/** Both read, subtract and write, which loses withdrawals unless the lock keeps them apart. */
export async function main(servers: string): Promise<void> {
  await using client = await connect(servers);
  if ((await client.exists("/account")) === undefined) await client.create("/account");
  await client.set("/account", "100");
  const curator = withdrawWithCurator(servers, 30);
  await Promise.all([curator.began.then(() => withdraw(client, 30)), curator.done]);
  const { data } = await client.get("/account");
  console.log(`the account had 100, 60 were withdrawn: ${Buffer.from(data ?? []).toString()} are left`);
}
