import { expect, test } from "vitest";
import { main } from "../../examples/scheduler/src/main.ts";
import { ownChroot, printed } from "./support.ts";

test("one scheduler works at a time; when it shuts down the other goes on", async () => {
  const { servers, client } = await ownChroot();
  const lines = await printed(main, servers);
  const runs = lines.flatMap((line) => {
    const match = /^(scheduler-\d) runs the task, fencing token (\d+)$/.exec(line);
    return match === null ? [] : [{ id: match[1], token: BigInt(match[2] ?? 0) }];
  });
  const [first] = runs;
  const last = runs.at(-1);
  expect(runs.map(({ id }) => id)).toEqual([...Array(3).fill(first?.id), ...Array(3).fill(last?.id)]);
  expect(last?.id).not.toBe(first?.id);
  expect(last?.token).toBeGreaterThan(first?.token ?? 0n);
  expect(await client.children("/leaders/scheduler")).toEqual([]);
});
