import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A package of this repository as npm would publish it. */
export interface Tarball {
  readonly name: string;
  readonly file: string;
}

/** Packs what is in `packages/`, from their `dist`, into `directory`. */
export async function packAll(directory: string): Promise<readonly Tarball[]> {
  await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "tsconfig.build.json"]);
  const folders = (await readdir("packages")).map((name) => `./packages/${name}`);
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", directory, ...folders]);
  const packed = JSON.parse(stdout) as Record<string, Packed> | readonly Packed[];
  return Object.values(packed).map(({ name, filename }) => ({ name, file: join(directory, filename) }));
}

interface Packed {
  readonly name: string;
  readonly filename: string;
}

/** A project of somebody who uses the packages: in a directory of its own, far from this repository's node_modules. */
export class Consumer implements AsyncDisposable {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @param dependencies by name, as in package.json */
  static async install(dependencies: Readonly<Record<string, string>>): Promise<Consumer> {
    const consumer = new Consumer(await mkdtemp(join(tmpdir(), "quorate-consumer-")));
    await consumer.write("package.json", JSON.stringify({ private: true, type: "module", dependencies }));
    await consumer.run("npm", "install", "--no-audit", "--no-fund", "--engine-strict");
    return consumer;
  }

  async write(file: string, text: string): Promise<void> {
    await mkdir(join(this.directory, file, ".."), { recursive: true });
    await writeFile(join(this.directory, file), text);
  }

  /** Resolves with what the command printed; rejects, with all of it, unless it ends with 0. */
  async run(command: string, ...args: readonly string[]): Promise<string> {
    return this.runWith({}, command, ...args);
  }

  async runWith(environment: NodeJS.ProcessEnv, command: string, ...args: readonly string[]): Promise<string> {
    const { NODE_OPTIONS: _, ...env } = { ...process.env, ...environment };
    try {
      return (await run(command, args, { cwd: this.directory, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Packages in its node_modules, by the lock file, and how large they are. */
  async installed(): Promise<{ readonly names: readonly string[]; readonly megabytes: number }> {
    const lock = JSON.parse(await readFile(join(this.directory, "package-lock.json"), "utf8")) as {
      packages: Record<string, unknown>;
    };
    const paths = Object.keys(lock.packages).filter((path) => path.startsWith("node_modules/"));
    let bytes = 0;
    for (const path of paths) {
      for (const entry of await readdir(join(this.directory, path), { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) bytes += (await readFile(join(entry.parentPath, entry.name))).byteLength;
      }
    }
    return { names: paths.map((path) => path.slice("node_modules/".length)).sort(), megabytes: bytes / 1e6 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
