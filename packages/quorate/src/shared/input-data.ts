import { readNamedFile } from "./auth-file.ts";
import { UsageError } from "./exit-status.ts";

export interface DataOptions {
  readonly file?: string;
  readonly null?: true;
}

/** What is to be written: the argument, a file, no data at all, or what comes in on stdin. @throws UsageError */
export async function inputData(
  argument: string | undefined,
  options: DataOptions,
): Promise<Uint8Array | string | null> {
  const given = [argument, options.file, options.null].filter((value) => value !== undefined);
  if (given.length > 1) throw new UsageError("give the data once: as an argument, by --file or by --null");
  if (options.null === true) return null;
  if (options.file !== undefined && options.file !== "-") return readNamedFile(options.file, "the data");
  if (argument !== undefined) return argument;
  if (process.stdin.isTTY && options.file === undefined) {
    throw new UsageError("no data: give it as an argument, by --file, on stdin, or --null for none");
  }
  return readStdin();
}

export async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
