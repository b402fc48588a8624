import { InvalidArgumentError } from "@quorate/core";
import { EnsembleError } from "../errors.ts";
import { FaultProxy } from "../proxy/fault-proxy.ts";
import type { Backend, BackendMember } from "./backend.ts";
import type { EnsembleMember, MemberStatus } from "./ensemble-member.ts";
import { fourLetterWord } from "./four-letter-word.ts";
import { type EnsembleOptions, type EnsembleProvider, type MemberRole, planEnsemble } from "./options.ts";
import { startBackend } from "./provider.ts";
import { leaderAmong, statusOf, waitUntilReady } from "./readiness.ts";
import { losingSide } from "./sides.ts";
import { throwIfAborted } from "./wait.ts";

const wordBoundMs = 5000;
const readyBoundMs = 60_000;

/** What the ensemble has done to a member, as far as its calls know. */
type Condition = "running" | "paused" | "stopped";

export interface ReadyOptions {
  /** In milliseconds; default 60000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * A ZooKeeper ensemble of real servers for tests. Every member is reached through a {@link FaultProxy} whose address stays the same
 * whatever happens to the member.
 *
 * The verbs act on one member and return when that is done, not when the ensemble has coped: `ready()` waits for that. All take the
 * member's id and throw InvalidArgumentError for one that is not there, EnsembleError where Docker or the system refuses.
 */
export class ZooKeeperEnsemble implements AsyncDisposable {
  readonly #backend: Backend;
  readonly #conditions: Map<number, Condition>;
  /** The side of the partition that cannot have a leader. */
  #lost: ReadonlySet<number> = new Set();
  #closing: Promise<void> | undefined;
  readonly members: readonly EnsembleMember[];

  private constructor(backend: Backend, members: readonly EnsembleMember[]) {
    this.#backend = backend;
    this.members = members;
    this.#conditions = new Map(members.map(({ id }) => [id, "running"]));
  }

  /**
   * Starts an ensemble and waits until exactly one member leads, all serve and a write was served through each. When that fails, nothing
   * is left behind.
   *
   * @throws InvalidArgumentError for options that cannot work; EnsembleError when no provider is available, naming what to install, or a
   *   member does not come up; TimeoutError after `startTimeoutMs`; AbortedError when `signal` aborts
   */
  static async start(options: EnsembleOptions = {}): Promise<ZooKeeperEnsemble> {
    const plan = planEnsemble(options);
    throwIfAborted(plan.signal);
    const backend = await startBackend(plan);
    const members: EnsembleMember[] = [];
    try {
      for (const { id, role } of plan.members)
        members.push(await openMember(memberOf(backend, id), id, role, plan.hasTls));
      const ids = plan.members.map(({ id }) => id);
      await waitUntilReady(backend, ids, { timeoutMs: plan.startTimeoutMs, signal: plan.signal });
      return new ZooKeeperEnsemble(backend, members);
    } catch (error) {
      await removeAll(backend, members);
      throw error;
    }
  }

  /** What runs the members. */
  get provider(): EnsembleProvider {
    return this.#backend.provider;
  }

  /** All members' proxies, observers included, comma separated. */
  get connectString(): string {
    return this.members.map(({ connectString }) => connectString).join(",");
  }

  /**
   * The running members themselves, past the proxies: for measuring, as a proxy costs time. Docker gives a member another address with each
   * start.
   */
  async directConnectString(): Promise<string> {
    const running = this.members.filter(({ id }) => this.#conditions.get(id) === "running");
    const addresses = await Promise.all(running.map(({ id }) => this.#backendMember(id).address("client")));
    return addresses.map(({ host, port }) => `${host}:${port}`).join(",");
  }

  /** The TLS ports' proxies, comma separated; empty without `tls`. */
  get secureConnectString(): string {
    return this.members.flatMap(({ secureConnectString }) => secureConnectString ?? []).join(",");
  }

  /** @throws InvalidArgumentError if there is none of this id */
  member(id: number): EnsembleMember {
    const member = this.members.find((candidate) => candidate.id === id);
    if (member === undefined) throw new InvalidArgumentError(`no member ${id} in this ensemble`);
    return member;
  }

  /** What every member is at the moment, in the order of their ids. Asks past the proxies. */
  status(): Promise<readonly MemberStatus[]> {
    return Promise.all(this.members.map(({ id }) => this.#statusOf(id)));
  }

  /** The member that leads (or stands alone); undefined while there is none. */
  async leader(): Promise<EnsembleMember | undefined> {
    const leader = leaderAmong(await this.status());
    return leader && this.member(leader.id);
  }

  /**
   * Waits until exactly one member leads, all serve, and a write was served through each: of those that were not stopped or paused, and
   * during a partition of the side with more voting members.
   *
   * @throws TimeoutError telling what each member was last; EnsembleError when a member has exited by itself; AbortedError
   */
  async ready(options: ReadyOptions = {}): Promise<void> {
    const running = this.members.map(({ id }) => id).filter((id) => this.#conditions.get(id) === "running");
    const ids = running.filter((id) => !this.#lost.has(id));
    await waitUntilReady(this.#backend, ids, { timeoutMs: options.timeoutMs ?? readyBoundMs, signal: options.signal });
  }

  /** Kills the member's process (SIGKILL); its data stays. Without effect on a stopped one. */
  async kill(id: number): Promise<void> {
    await this.#bringDown(id, (member) => member.kill());
  }

  /** Shuts the member down (SIGTERM); its data stays. Without effect on a stopped one. */
  async stop(id: number): Promise<void> {
    await this.#bringDown(id, (member) => member.stop());
  }

  /** Starts a stopped or killed member on the data it had. Without effect on a running one. */
  async start(id: number): Promise<void> {
    const member = this.#backendMember(id);
    if (this.#conditions.get(id) !== "stopped") return;
    await this.#do(id, "start", member.start());
    this.#conditions.set(id, "running");
  }

  /** Stops the member if it runs, and starts it. */
  async restart(id: number): Promise<void> {
    await this.stop(id);
    await this.start(id);
  }

  /** Freezes the member's process: its connections stay open and silent. Without effect on a paused one. @throws EnsembleError on a stopped one */
  async pause(id: number): Promise<void> {
    const member = this.#backendMember(id);
    const condition = this.#conditions.get(id);
    if (condition === "paused") return;
    if (condition === "stopped")
      throw new EnsembleError(`member ${id} is stopped and cannot be paused`, { memberId: id });
    await this.#do(id, "pause", member.pause());
    this.#conditions.set(id, "paused");
  }

  /** Lets a paused member go on. Without effect on others. */
  async resume(id: number): Promise<void> {
    const member = this.#backendMember(id);
    if (this.#conditions.get(id) !== "paused") return;
    await this.#do(id, "resume", member.resume());
    this.#conditions.set(id, "running");
  }

  /**
   * Splits the ensemble: these members on one side, all others on the other, with nothing passing between. Members on one side reach
   * each other, and clients reach all. Replaces the partition before. The docker provider moves the side without a majority to another
   * network, so that its members lose their connections among themselves too, and may make new ones.
   *
   * @throws UnsupportedError where the provider cannot do that with this configuration
   */
  async partition(ids: readonly number[]): Promise<void> {
    for (const id of ids) this.member(id);
    await this.#backend.partition(new Set(ids));
    this.#lost = ids.length === 0 ? new Set() : losingSide(this.members, new Set(ids));
  }

  /** Ends the partition. Proxies and paused or stopped members stay as they are. */
  async heal(): Promise<void> {
    await this.partition([]);
  }

  /** The answer to one of ZooKeeper's four-letter words, asked past the proxy. @throws EnsembleError when there is none within 5 s */
  async fourLetter(id: number, word: string): Promise<string> {
    return fourLetterWord(await this.#backendMember(id).address("client"), word, wordBoundMs);
  }

  /** The last lines the member has printed, for messages of failed tests. */
  logs(id: number): Promise<string> {
    return this.#backendMember(id).logs();
  }

  /** Ends everything and removes all traces: members in whatever state, their data, networks, proxies. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= removeAll(this.#backend, this.members);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #bringDown(id: number, how: (member: BackendMember) => Promise<void>): Promise<void> {
    const member = this.#backendMember(id);
    if (this.#conditions.get(id) === "stopped") return;
    // Neither Docker nor a process shuts down while frozen.
    await this.resume(id);
    await this.#do(id, "stop", how(member));
    this.#conditions.set(id, "stopped");
  }

  #backendMember(id: number): BackendMember {
    this.member(id);
    if (this.#closing !== undefined) throw new EnsembleError("the ensemble is closed");
    return memberOf(this.#backend, id);
  }

  async #statusOf(id: number): Promise<MemberStatus> {
    if (this.#conditions.get(id) === "stopped" || this.#closing !== undefined)
      return { id, mode: "stopped", zxid: undefined };
    return statusOf(this.#backend, id);
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

function memberOf(backend: Backend, id: number): BackendMember {
  const member = backend.members.get(id);
  if (member === undefined) throw new EnsembleError(`no member ${id}`, { memberId: id });
  return member;
}

async function openMember(
  member: BackendMember,
  id: number,
  role: MemberRole,
  hasTls: boolean,
): Promise<EnsembleMember> {
  const proxy = await FaultProxy.listen({ target: () => member.address("client") });
  const secureProxy = hasTls ? await FaultProxy.listen({ target: () => member.address("secure") }) : undefined;
  const secureConnectString = secureProxy?.connectString;
  return { id, role, proxy, connectString: proxy.connectString, secureProxy, secureConnectString };
}

async function removeAll(backend: Backend, members: readonly EnsembleMember[]): Promise<void> {
  const proxies = members.flatMap(({ proxy, secureProxy }) => [proxy, ...(secureProxy ? [secureProxy] : [])]);
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await backend.dispose();
}
