import type { Client } from "@quorate/core";
import { eventually } from "./eventually.ts";

/** Who stands in a lock's directory by the servers' word, in the order of their numbers; empty if there is none. */
export async function lineAt(observer: Client, path: string): Promise<readonly string[]> {
  await observer.sync(path);
  if ((await observer.exists(path)) === undefined) return [];
  const names = await observer.children(path);
  return names.filter((name) => /\d{10}$/.test(name)).sort((a, b) => numberOf(a).localeCompare(numberOf(b)));
}

export function lined(observer: Client, path: string, count: number): Promise<boolean> {
  return eventually(async () => (await lineAt(observer, path)).length === count);
}

/** Resolves once what `acquire` starts stands in line; what comes of it is in `lease`. */
export async function queued<T>(
  observer: Client,
  path: string,
  acquire: () => Promise<T>,
): Promise<{ readonly lease: Promise<T>; readonly isHeld: () => boolean }> {
  const before = (await lineAt(observer, path)).length;
  const lease = acquire();
  let isHeld = false;
  lease.then(
    () => {
      isHeld = true;
    },
    () => {},
  );
  await lined(observer, path, before + 1);
  return { lease, isHeld: () => isHeld };
}

function numberOf(name: string): string {
  return /-?\d+$/.exec(name)?.[0] ?? name;
}
