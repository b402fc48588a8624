import { expect, test } from "vitest";
import { main } from "../../examples/jvm-lock/src/main.ts";
import { ownChroot, printed } from "../examples/support.ts";
import { missing } from "./support/peers.ts";

test.skipIf(missing("Apache Curator") !== undefined)(
  "the example in which a JVM and Node.js share a lock loses no withdrawal",
  async () => {
    const { servers, client } = await ownChroot();
    const lines = await printed(main, servers);
    expect(lines.at(-1)).toBe("the account had 100, 60 were withdrawn: 40 are left");
    expect(lines.join("\n")).toMatch(/^Curator: \d+$/m);
    await client.sync("/");
    expect(await client.children("/locks/account")).toEqual([]);
  },
);
