import { NotEmptyError } from "../errors/server-errors.ts";
import { joinPath } from "../paths/path.ts";
import { unlessMissing } from "./unless-missing.ts";
import { withinAll } from "./within-all.ts";
import type { BasicOperations, VersionOptions } from "./znode-types.ts";

/**
 * Deletes a subtree, deepest first. Children that others add meanwhile are taken too; descendants that others delete meanwhile are as good.
 */
export function deleteRecursively(operations: BasicOperations, path: string, options: VersionOptions): Promise<void> {
  return withinAll(options, { op: "delete", path }, (bounds) => {
    const empty = async (node: string): Promise<void> => {
      const names = await operations.children(node, bounds);
      for (let start = 0; start < names.length; start += width) {
        await Promise.all(names.slice(start, start + width).map((name) => unlessMissing(remove(joinPath(node, name)))));
      }
    };
    const remove = async (node: string, version?: number): Promise<void> => {
      for (;;) {
        try {
          return await operations.delete(node, version === undefined ? bounds : { ...bounds, version });
        } catch (error) {
          if (!(error instanceof NotEmptyError)) throw error;
          await unlessMissing(empty(node));
        }
      }
    };
    return remove(path, options.version);
  });
}

/** Deletes in flight at a time for each level. */
const width = 128;
