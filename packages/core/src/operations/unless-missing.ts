import { NoNodeError } from "../errors/server-errors.ts";

/** Undefined where the server says that there is no such znode. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}
