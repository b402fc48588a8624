import { createRequire } from "node:module";
import { UnsupportedError } from "@quorate/core";
import type { Binding, Handle } from "./binding.ts";

/** The object by which the binding was found. Kept: until the first session is opened the C client writes to stdout when one is let go of. */
let found: Partial<Handle> | undefined;

/**
 * Loads the peer dependency.
 *
 * @throws UnsupportedError if it is not installed, was not compiled for this Node.js, or is another than the one this driver knows
 */
export function loadBinding(): Binding {
  found ??= find();
  return found.constructor as Binding;
}

function find(): Partial<Handle> {
  let wrapper: unknown;
  try {
    wrapper = createRequire(import.meta.url)("zookeeper");
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    const why = code === "MODULE_NOT_FOUND" ? "is not installed" : "cannot be loaded";
    throw unusable(`${why}: install zookeeper@7.3.0 with python3, make and a C++ compiler at hand`, error);
  }
  // The wrapped class is not exported: an object that was never connected tells it.
  const handle = isClass(wrapper) ? (new wrapper({}) as { readonly native?: Partial<Handle> }).native : undefined;
  if (typeof handle?.init !== "function" || typeof handle.a_create !== "function") {
    throw unusable("is of a version this driver does not know: install zookeeper@7.3.0");
  }
  return handle;
}

function isClass(value: unknown): value is new (config: object) => unknown {
  return typeof value === "function";
}

function unusable(why: string, cause?: unknown): UnsupportedError {
  const message = `the native driver needs the npm package zookeeper, which ${why}; the default driver needs nothing`;
  return new UnsupportedError(message, { op: "connect", cause });
}
