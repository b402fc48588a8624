import { CreateMode, ErrorCode } from "@quorate/protocol";
import { Refusal } from "./refusal.ts";

/** What the `flags` of a create ask for. */
export interface CreateFlags {
  readonly isEphemeral: boolean;
  readonly isSequential: boolean;
  readonly isContainer: boolean;
  readonly isTtl: boolean;
}

function flags(...set: readonly (keyof CreateFlags)[]): CreateFlags {
  const has = (flag: keyof CreateFlags): boolean => set.includes(flag);
  return {
    isEphemeral: has("isEphemeral"),
    isSequential: has("isSequential"),
    isContainer: has("isContainer"),
    isTtl: has("isTtl"),
  };
}

const modes: ReadonlyMap<number, CreateFlags> = new Map([
  [CreateMode.persistent, flags()],
  [CreateMode.ephemeral, flags("isEphemeral")],
  [CreateMode.persistentSequential, flags("isSequential")],
  [CreateMode.ephemeralSequential, flags("isEphemeral", "isSequential")],
  [CreateMode.container, flags("isContainer")],
  [CreateMode.persistentWithTtl, flags("isTtl")],
  [CreateMode.persistentSequentialWithTtl, flags("isTtl", "isSequential")],
]);

/** @throws Refusal BAD_ARGUMENTS */
export function createFlags(value: number): CreateFlags {
  const known = modes.get(value);
  if (known === undefined) throw new Refusal(ErrorCode.BAD_ARGUMENTS);
  return known;
}

/** Ten digits, a sign among them, as Java formats `%010d`. */
export function sequenceSuffix(number: number): string {
  return number < 0 ? `-${String(-number).padStart(9, "0")}` : String(number).padStart(10, "0");
}
