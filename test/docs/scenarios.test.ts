import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

const page = new URL("../../docs/scenarios.md", import.meta.url);

it("docs/scenarios.md names tests that are there", async () => {
  const named = [...(await readFile(page, "utf8")).matchAll(/\]\(([^)]+\.test\.ts)\) "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(50);
  const missing: string[] = [];
  for (const [, file = "", title = ""] of named) {
    const source = await readFile(new URL(file, page), "utf8").catch(() => "");
    if (!source.includes(title)) missing.push(`${file}: ${title}`);
  }
  expect(missing).toEqual([]);
});
