import { joinPath, nodeName, parentPath } from "@quorate/core/recipe";

/** The directory of all histories beside the znodes they are of. No part of a configuration. */
export const historyName = ".history";

/** `/config/app` keeps its history in `/config/.history/app`. */
export function historyPathOf(path: string): string {
  return joinPath(joinPath(parentPath(path), historyName), nodeName(path));
}

/** Ten digits, so that names sort as numbers do. */
export function entryName(number: number): string {
  return String(number).padStart(10, "0");
}

export function entryNumber(name: string): number {
  return /^\d{10}$/.test(name) ? Number(name) : -1;
}
