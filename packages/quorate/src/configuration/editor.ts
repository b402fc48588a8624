import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, ExitStatus } from "../shared/exit-status.ts";

/** A file of a text being edited, that nobody else can read. */
export interface EditedFile {
  readonly path: string;
  read(): Promise<string>;
  remove(): Promise<void>;
}

export async function editedFile(text: string, extension: string): Promise<EditedFile> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-edit-"));
  const path = join(directory, `config.${extension}`);
  await writeFile(path, text, { mode: 0o600 });
  return {
    path,
    read: () => readFile(path, "utf8"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Opens $VISUAL or $EDITOR and waits for it. @throws CommandError when it fails */
export async function edit(path: string): Promise<void> {
  const editor = process.env["VISUAL"] ?? process.env["EDITOR"] ?? "vi";
  // As git does: the variable may hold arguments too.
  const child = spawn("sh", ["-c", `${editor} "$@"`, editor, path], { stdio: "inherit" });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  if (status !== 0)
    throw new CommandError(
      `the editor (${editor}) ended with ${status ?? "a signal"}: nothing was changed`,
      ExitStatus.failed,
    );
}
