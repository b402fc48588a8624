import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { InvalidArgumentError, systemRandom } from "@quorate/core";
import { EnsembleError } from "../../errors.ts";
import type { Backend, BackendMember } from "../backend.ts";
import type { ReadyOptions } from "../ensemble.ts";
import type { MemberStatus } from "../ensemble-member.ts";
import { type EnsembleOptions, type EnsembleProvider, type MemberRole, planEnsemble } from "../options.ts";
import { chooseProvider } from "../provider.ts";
import { leaderAmong, statusOf, waitUntilReady } from "../readiness.ts";
import {
  memberHome,
  ownFileNames,
  readDescription,
  type StandingDescription,
  writeDescription,
} from "./description.ts";
import { openProcessMembers, planProcessMembers, writeProcessMembers } from "./process-members.ts";

export interface StandingEnsembleOptions
  extends Pick<EnsembleOptions, "nodes" | "observers" | "provider" | "image" | "config" | "labels"> {
  /** The first member's client port; the others take the next free ones. Default 2181. */
  readonly firstPort?: number;
}

export interface StandingMemberStatus extends MemberStatus {
  readonly role: MemberRole;
  /** Where clients reach it. */
  readonly address: string;
}

const readyBoundMs = 60_000;

/**
 * An ensemble that outlives the process that set it up: its members, on this machine, keep to fixed ports and have their files in one
 * directory, by which any other process finds them again. For development; tests have {@link ZooKeeperEnsemble}, which cleans up by itself.
 */
export class StandingEnsemble {
  readonly directory: string;
  readonly #description: StandingDescription;
  readonly #backend: Backend;

  /** Use `create()` or `open()`. */
  constructor(directory: string, description: StandingDescription, backend: Backend) {
    this.directory = directory;
    this.#description = description;
    this.#backend = backend;
  }

  /**
   * Writes each member's zoo.cfg, myid and directories, and starts nothing. When that fails, nothing is left behind.
   *
   * @throws EnsembleError if there is one in this directory, or no provider is available, naming what to install; InvalidArgumentError
   */
  static async create(path: string, options: StandingEnsembleOptions = {}): Promise<StandingEnsemble> {
    const directory = resolve(path);
    if ((await readDescription(directory)) !== undefined)
      throw new EnsembleError(`there is an ensemble in ${directory}`);
    const { firstPort = 2181, ...rest } = options;
    if (!Number.isInteger(firstPort) || firstPort < 1 || firstPort > 65_535) {
      throw new InvalidArgumentError(`firstPort ${firstPort} is not within 1..65535`);
    }
    const plan = planEnsemble(rest);
    const provider = await chooseProvider(plan.provider);
    const base = { format: "quorate-ensemble-1", id: systemRandom.uuid(), provider } as const;
    if (provider === "process") {
      const description = { ...base, members: await planProcessMembers(plan.members, firstPort) };
      return establish(directory, description, () => writeProcessMembers(directory, description, plan.config));
    }
    const { planDockerMembers, writeDockerMembers } = await import("./docker-members.ts");
    const description = { ...base, image: plan.image, members: await planDockerMembers(plan.members, firstPort) };
    return establish(directory, description, () =>
      writeDockerMembers(directory, description, plan.config, plan.labels),
    );
  }

  /**
   * The ensemble in this directory; undefined if there is none.
   *
   * @throws EnsembleError when its provider is not available any more, or a container is gone
   */
  static async open(path: string): Promise<StandingEnsemble | undefined> {
    const directory = resolve(path);
    const description = await readDescription(directory);
    return description && new StandingEnsemble(directory, description, await openBackend(directory, description));
  }

  /**
   * Stops what runs and deletes what was made in this directory, whatever state it is in.
   *
   * @returns whether there was one
   */
  static async remove(path: string): Promise<boolean> {
    const directory = resolve(path);
    const description = await readDescription(directory);
    if (description === undefined) return false;
    await discard(directory, description);
    return true;
  }

  get provider(): EnsembleProvider {
    return this.#description.provider;
  }

  get members(): StandingDescription["members"] {
    return this.#description.members;
  }

  /** All members, observers included, comma separated. */
  get connectString(): string {
    return this.members.map(({ clientPort }) => `127.0.0.1:${clientPort}`).join(",");
  }

  /** What every member is at the moment, in the order of their ids. */
  async status(): Promise<readonly StandingMemberStatus[]> {
    return Promise.all(
      this.members.map(async ({ id, role, clientPort }) => {
        const isAlive = await this.#member(id).isAlive();
        const status = isAlive
          ? await statusOf(this.#backend, id)
          : ({ id, mode: "stopped", zxid: undefined } as const);
        return { ...status, role, address: `127.0.0.1:${clientPort}` };
      }),
    );
  }

  /** Starts a member on the data it has. Without effect on a running one. @throws InvalidArgumentError, EnsembleError */
  async start(id: number): Promise<void> {
    const member = this.#member(id);
    if (!(await member.isAlive())) await this.#do(id, "start", member.start());
  }

  /** Shuts a member down; its data stays. Without effect on a stopped one. @throws InvalidArgumentError, EnsembleError */
  async stop(id: number): Promise<void> {
    const member = this.#member(id);
    if (await member.isAlive()) await this.#do(id, "stop", member.stop());
  }

  /** The id of the member that leads or stands alone; undefined while there is none. */
  async leader(): Promise<number | undefined> {
    return leaderAmong(await this.status())?.id;
  }

  /**
   * Waits until the running members serve, exactly one of them leads, and a write was served through each.
   *
   * @throws TimeoutError telling what each member was last; EnsembleError when a member has exited, with its last lines; AbortedError
   */
  async ready({ timeoutMs = readyBoundMs, signal }: ReadyOptions = {}): Promise<void> {
    const alive = await Promise.all(
      this.members.map(async ({ id }) => ((await this.#member(id).isAlive()) ? [id] : [])),
    );
    await waitUntilReady(this.#backend, alive.flat(), { timeoutMs, signal });
  }

  /** The last lines a member has printed. */
  logs(id: number): Promise<string> {
    return this.#member(id).logs();
  }

  #member(id: number): BackendMember {
    const member = this.#backend.members.get(id);
    if (member === undefined) throw new InvalidArgumentError(`no member ${id} in this ensemble`);
    return member;
  }

  async #do(id: number, verb: string, action: Promise<void>): Promise<void> {
    try {
      await action;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new EnsembleError(`member ${id}: cannot ${verb}: ${reason}`, { memberId: id, cause });
    }
  }
}

async function establish(
  directory: string,
  description: StandingDescription,
  write: () => Promise<void>,
): Promise<StandingEnsemble> {
  await writeDescription(directory, description);
  try {
    await write();
    return new StandingEnsemble(directory, description, await openBackend(directory, description));
  } catch (error) {
    await discard(directory, description).catch(() => {});
    throw error;
  }
}

async function openBackend(directory: string, description: StandingDescription): Promise<Backend> {
  if (description.provider === "process") return openProcessMembers(directory, description);
  const { openDockerMembers } = await import("./docker-members.ts");
  return openDockerMembers(description);
}

async function discard(directory: string, description: StandingDescription): Promise<void> {
  if (description.provider === "process") await (await openProcessMembers(directory, description)).dispose();
  else await (await import("./docker-members.ts")).removeDockerMembers(description);
  // Only what was made there: the directory may hold other things.
  for (const { id } of description.members) await rm(memberHome(directory, id), { recursive: true, force: true });
  for (const name of ownFileNames) await rm(join(directory, name), { force: true });
}
