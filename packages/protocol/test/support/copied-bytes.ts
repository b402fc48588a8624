interface Patch {
  readonly target: object;
  readonly name: string;
  readonly original: unknown;
}

/**
 * Bytes copied and allocated while `run` runs, counted at every way a Buffer has to do so: a measure of work that no slow machine blurs.
 */
export function costOf(run: () => void): { copied: number; allocated: number } {
  const cost = { copied: 0, allocated: 0 };
  const patches: Patch[] = [];

  function patch(target: object, name: string, count: (self: unknown, args: readonly unknown[]) => void): void {
    const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
    patches.push({ target, name, original });
    Reflect.set(target, name, function counted(this: unknown, ...args: unknown[]): unknown {
      count(this, args);
      return original.apply(this, args);
    });
  }

  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;
  patch(typedArray, "set", (_self, [source]) => {
    cost.copied += (source as Uint8Array).length;
  });
  patch(typedArray, "slice", (self) => {
    cost.copied += (self as Uint8Array).length;
  });
  patch(Buffer.prototype, "copy", (self) => {
    cost.copied += (self as Buffer).length;
  });
  patch(Buffer, "concat", (_self, [list]) => {
    const bytes = (list as Uint8Array[]).reduce((sum, each) => sum + each.length, 0);
    cost.copied += bytes;
    cost.allocated += bytes;
  });
  for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) {
    patch(Buffer, name, (_self, [size]) => {
      cost.allocated += size as number;
    });
  }
  try {
    run();
  } finally {
    for (const { target, name, original } of patches) Reflect.set(target, name, original);
  }
  return cost;
}
