import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EnsembleError } from "../../errors.ts";
import type { EnsembleProvider, MemberRole } from "../options.ts";

/** One member as its directory says it is. */
export interface StandingMember {
  readonly id: number;
  readonly role: MemberRole;
  readonly clientPort: number;
  /** Undefined in containers, which have addresses of their own. */
  readonly quorumPort?: number;
  readonly electionPort?: number;
}

/** What is written down of an ensemble that outlives the process that made it. */
export interface StandingDescription {
  readonly format: "quorate-ensemble-1";
  /** Marks its containers and networks. */
  readonly id: string;
  readonly provider: EnsembleProvider;
  /** Of the docker provider. */
  readonly image?: string;
  readonly members: readonly StandingMember[];
}

const fileName = "ensemble.json";

export function memberHome(directory: string, id: number): string {
  return join(directory, String(id));
}

/** Undefined if there is no ensemble in this directory. @throws EnsembleError on one that cannot be understood */
export async function readDescription(directory: string): Promise<StandingDescription | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, fileName), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const description = JSON.parse(text) as StandingDescription;
    if (description.format === "quorate-ensemble-1") return description;
  } catch {
    // Told below.
  }
  throw new EnsembleError(`${join(directory, fileName)} is not what was written there`);
}

export async function writeDescription(directory: string, description: StandingDescription): Promise<void> {
  await mkdir(directory, { recursive: true });
  // Never overwritten: two that set up the same directory at a time must not mix.
  await writeFile(join(directory, fileName), `${JSON.stringify(description, null, 2)}\n`, { flag: "wx" });
}

export const ownFileNames: readonly string[] = [fileName];
