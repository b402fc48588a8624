import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { ErrorCode } from "@quorate/protocol";
import { expect, onTestFinished, test } from "vitest";
import { anchors, type CodeBlock, codeBlocks, documents, links } from "./documents.ts";

/** Type-checks the blocks in one run and tells the errors by document and line. */
function typeErrors(blocks: readonly CodeBlock[]): string[] {
  // Inside the repository, so that the packages resolve as they do for its sources.
  const directory = mkdtempSync(resolve("test-results-docs-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  blocks.forEach(({ code }, index) => writeFileSync(join(directory, `block-${index}.ts`), code));
  const compilerOptions = { composite: false, noEmit: true, isolatedDeclarations: false, noUnusedLocals: false };
  writeFileSync(
    join(directory, "tsconfig.json"),
    JSON.stringify({ extends: "../tsconfig.base.json", compilerOptions, include: ["*.ts"] }),
  );
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", directory, "--pretty", "false"], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((message) =>
      message.replace(/^\S*block-(\d+)\.ts\((\d+),/, (_, index: string, line: string) => {
        const block = blocks[Number(index)];
        return block === undefined ? message : `${block.path}:${block.line + Number(line) - 1} (column `;
      }),
    );
}

test("every ts block of the documents type-checks as it stands", () => {
  const blocks = documents().flatMap(codeBlocks);
  expect(blocks.map(({ path }) => path)).toContain("README.md");
  expect(typeErrors(blocks)).toEqual([]);
  // A compiler run over all of them, on a machine that may be busy.
}, 60_000);

test("every link to a file of the repository, and to a heading in it, leads somewhere", () => {
  const leads = (from: string, file: string, anchor: string): boolean => {
    const target = file === "" ? from : resolve(dirname(from), file);
    return existsSync(target) && (anchor === "" || anchors(readFileSync(target, "utf8")).includes(anchor));
  };
  const broken = documents().flatMap((document) =>
    links(document)
      .filter(({ file, anchor }) => !leads(document.path, file, anchor))
      .map(({ file, anchor }) => `${relative(".", document.path)}: ${file}#${anchor}`),
  );
  expect(broken).toEqual([]);
});

test("every error code has its place in the troubleshooting page", () => {
  const paths = execFileSync("git", ["ls-files", "packages/*/src/*.ts"], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
  const sources = paths.map((path) => readFileSync(path, "utf8"));
  const own = sources.flatMap((text) =>
    [...text.matchAll(/readonly code = "([A-Z_]+)"/g)].map(([, code = ""]) => code),
  );
  expect(own).toContain("LEASE_LOST");
  const codes = new Set([...own, ...Object.keys(ErrorCode)].map((code) => code.toLowerCase()));
  const described = anchors(readFileSync("docs/errors.md", "utf8"));
  expect([...codes].filter((code) => !described.includes(code))).toEqual([]);
});

test("the README's example is the one that is run as a test", () => {
  const [example] = documents()
    .filter(({ path }) => path === "README.md")
    .flatMap(codeBlocks);
  expect(readFileSync("examples/exclusive-job/src/main.ts", "utf8")).toContain(example?.code ?? "no example");
});
