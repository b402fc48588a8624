import { isDeepStrictEqual } from "node:util";
import { BadVersionError, type Client, NoNodeError } from "@quorate/core";
import type { Bounds } from "@quorate/core/recipe";
import { ConfigInvalidError } from "../errors.ts";
import type { Format, Written } from "../schema/format.ts";
import { copyOf } from "../values/copy.ts";
import type { Base } from "./store.ts";
import type { Plan } from "./writer.ts";

const noNodeCode = -101;
const badVersionCode = -103;

/** What `update()` does over one base. */
export function planUpdate<Value>(
  path: string,
  format: Format<Value>,
  standIn: Uint8Array | undefined,
  change: (draft: Value) => unknown,
): (base: Base) => Promise<Plan<Value>> {
  const subject = { op: "update", path };
  return async ({ node }) => {
    let reading = await format.read(node?.data ?? null);
    const isMissing = node === undefined || reading.kind === "missing";
    if (isMissing) {
      if (standIn === undefined) throw new NoNodeError(noNodeCode, subject);
      reading = await format.read(standIn);
    }
    if (reading.kind !== "value") {
      const { version, mzxid } = node?.stat ?? {};
      const invalid = reading.kind === "invalid" ? reading : ({ reason: "undecodable", issues: [] } as const);
      throw new ConfigInvalidError(
        `update ${path}: what is stored is invalid, and only set() replaces it`,
        { ...invalid, version, mzxid },
        subject,
      );
    }
    const { value } = reading;
    // Parts of what a schema gives may be its own, such as its defaults.
    const draft = copyOf(value);
    const returned = await change(draft);
    const next = returned === undefined ? draft : returned;
    if (!isMissing && node !== undefined && isDeepStrictEqual(next, value)) {
      return { kind: "keep", value, stat: node.stat };
    }
    return { kind: "write", written: await format.write(next, subject) };
  };
}

/** What `set()` does. */
export function planSet<Value>(
  client: Client,
  path: string,
  written: Written<Value>,
  ifVersion: number | undefined,
): (base: Base, bounds: Bounds) => Promise<Plan<Value>> {
  const subject = { op: "set", path };
  return async ({ node }, bounds) => {
    if (ifVersion !== undefined && node?.stat.version !== ifVersion) {
      // The server in use may lag behind the one that told the version.
      await client.sync(path, bounds);
      const stat = await client.exists(path, bounds);
      if (stat === undefined) throw new NoNodeError(noNodeCode, subject);
      if (stat.version !== ifVersion) throw new BadVersionError(badVersionCode, subject);
    }
    return { kind: "write", written, isIdempotent: ifVersion === undefined };
  };
}
