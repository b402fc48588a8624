import { expect, test } from "vitest";
import { main } from "../../examples/hot-config/src/main.ts";
import { ownChroot, printed } from "./support.ts";

test("a service follows its limits, and is kept from what does not fit", async () => {
  const { servers } = await ownChroot();
  expect(await printed(main, servers)).toEqual([
    'starts with {"requestsPerSecond":100,"burst":10}',
    'goes on with {"requestsPerSecond":250,"burst":10}',
    "keeps what it has: requestsPerSecond does not fit",
    'still goes by {"requestsPerSecond":250,"burst":10}',
    'goes on with {"requestsPerSecond":300,"burst":10}',
  ]);
});
