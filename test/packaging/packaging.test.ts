import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedServer } from "@quorate/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocks } from "../docs/documents.ts";
import { Consumer, packAll, type Tarball } from "./consumer.ts";

/** Of the npm package `node`, whose binaries are packages too. */
const nodeVersions = ["22.23.3", "24.21.0"];
const compilers = ["5.9.3", "7.0.2"];

let directory: string;
let tarballs: readonly Tarball[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "quorate-tarballs-"));
  tarballs = await packAll(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function tarballsOf(...names: readonly string[]): Record<string, string> {
  const wanted = tarballs.filter(({ name }) => names.length === 0 || names.includes(name));
  return Object.fromEntries(wanted.map(({ name, file }) => [name, `file:${file}`]));
}

/** As strict as a consumer can be: the packages' own declarations are checked too. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    module: "nodenext",
    target: "es2022",
    lib: ["es2023", "esnext.disposable"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    outDir: "out",
  },
  include: ["*.ts"],
});

async function readmeExample(): Promise<string> {
  const [example] = codeBlocks({ path: "README.md", text: await readFile("README.md", "utf8") });
  if (example === undefined) throw new Error("the README has no example");
  return example.code;
}

describe("the lock and the core, as a user installs them", () => {
  let consumer: Consumer;
  let alone: Awaited<ReturnType<Consumer["installed"]>>;

  beforeAll(async () => {
    consumer = await Consumer.install(tarballsOf("@quorate/protocol", "@quorate/core", "@quorate/lock"));
    alone = await consumer.installed();
    const binaries = nodeVersions.map(
      (version) => `node-${version}@npm:node-${process.platform}-${process.arch}@${version}`,
    );
    const typescripts = compilers.map((version) => `typescript-${version}@npm:typescript@${version}`);
    await consumer.run("npm", "install", "--no-save", "--force", "@types/node@20", ...binaries, ...typescripts);
    await consumer.write("tsconfig.json", tsconfig);
    await consumer.write("example.ts", await readmeExample());
  });

  afterAll(() => consumer?.[Symbol.asyncDispose]());

  test("brings a handful of packages, compiles nothing, and the README says how many and how large", async () => {
    const { names, megabytes } = alone;
    for (const name of names) {
      const manifest = JSON.parse(
        await readFile(join(consumer.directory, "node_modules", name, "package.json"), "utf8"),
      );
      const { install, preinstall, postinstall, gypfile } = manifest.scripts ?? {};
      expect([install, preinstall, postinstall, gypfile].filter(Boolean)).toEqual([]);
    }
    const [, count, size] = /installs (\d+) packages, ([\d.]+) MB/.exec(await readFile("README.md", "utf8")) ?? [];
    expect(Number(count)).toBe(names.length);
    expect(Math.abs(Number(size) - megabytes)).toBeLessThan(0.25);
  });

  test.for(compilers)("compiles with TypeScript %s", async (version) => {
    await consumer.run(process.execPath, `node_modules/typescript-${version}/bin/tsc`, "-p", ".");
  });

  test.for(["", ...nodeVersions])("runs the README's example on Node.js %s", async (version) => {
    await consumer.run(process.execPath, `node_modules/typescript-${compilers[1]}/bin/tsc`, "-p", ".");
    const node = version === "" ? process.execPath : `node_modules/node-${version}/bin/node`;
    await using server = await EmbeddedServer.start();
    const output = await consumer.runWith({ QUORATE_CONNECT: server.connectString }, node, "out/example.js");
    expect(output).toMatch(/holding the lock, fencing token \d+\n\[ 'report-0000000000' \]\n/);
    expect(server.leaks()).toMatchObject({ sessions: [], ephemerals: [] });
  });
});

test("every package installs from its tarball, and every entry point loads", async () => {
  await using consumer = await Consumer.install(tarballsOf());
  const specifiers: string[] = [];
  for (const { name } of tarballs) {
    const { exports } = JSON.parse(
      await readFile(join(consumer.directory, "node_modules", name, "package.json"), "utf8"),
    ) as { readonly exports: Record<string, string | { readonly default: string }> };
    for (const [path, target] of Object.entries(exports)) {
      // Entries for what only some have installed, such as a test runner, are loaded where it is.
      if (typeof target === "string" || path === "./vitest" || path === "./undici") continue;
      specifiers.push(name + path.slice(1));
    }
  }
  await consumer.write("load.js", specifiers.map((specifier) => `await import("${specifier}");`).join("\n"));
  await consumer.run(process.execPath, "load.js");
  expect(specifiers).toEqual(expect.arrayContaining(["@quorate/core", "@quorate/core/recipe", "@quorate/testing"]));
});
