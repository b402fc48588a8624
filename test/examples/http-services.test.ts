import { expect, test } from "vitest";
import { main } from "../../examples/http-services/src/main.ts";
import { ownChroot, printed } from "./support.ts";

test("a service finds its peer by name, shares calls out, and does without an instance that has gone", async () => {
  const { servers, client } = await ownChroot();
  const lines = await printed(main, servers);
  const answers = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  expect(answers).toHaveLength(6);
  for (const answer of answers) expect(answer.text).toBe("Hello Ada");
  const shared = answers.slice(1, 5).map(({ from }) => from);
  expect(new Set(shared).size).toBe(2);
  expect(answers.at(-1)?.from).toBe(answers[0]?.from);

  await client.sync("/");
  for (const service of ["greetings", "frontend"]) expect(await client.children(`/services/${service}`)).toEqual([]);
});
