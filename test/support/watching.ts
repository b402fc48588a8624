import type { Watch } from "@quorate/core";

/** Reads a watch to its end; `seen` grows by `type path`, and by `end` or the error's name at last. */
export function follow(watch: Watch): string[] {
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    for await (const { type, path } of watch) seen.push(`${type} ${path}`);
    seen.push("end");
  };
  read().catch((error: Error) => seen.push(error.name));
  return seen;
}
