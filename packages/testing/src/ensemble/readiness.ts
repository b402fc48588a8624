import type { Backend } from "./backend.ts";
import type { MemberStatus } from "./ensemble-member.ts";
import { exitedError } from "./exited-error.ts";
import { fourLetterWord, parseSrvr } from "./four-letter-word.ts";
import { type WaitOptions, waitFor } from "./wait.ts";
import { probeWrite } from "./write-probe.ts";

const answerBoundMs = 2000;
const probeBoundMs = 5000;

/** Asks a running member, past its proxy so that faults set there do not count. */
export async function statusOf(backend: Backend, id: number): Promise<MemberStatus> {
  try {
    const target = await backend.members.get(id)?.address("client");
    const served = target && parseSrvr(await fourLetterWord(target, "srvr", answerBoundMs));
    return { id, mode: served?.mode ?? "unreachable", zxid: served?.zxid };
  } catch {
    return { id, mode: "unreachable", zxid: undefined };
  }
}

/** The one that leads; of two that say so the one of the later epoch, as the other has not noticed yet that it was replaced. */
export function leaderAmong(statuses: readonly MemberStatus[]): MemberStatus | undefined {
  const leaders = statuses.filter(({ mode }) => mode === "leader" || mode === "standalone");
  return leaders.sort((a, b) => ((a.zxid ?? 0n) < (b.zxid ?? 0n) ? 1 : -1))[0];
}

/**
 * Waits until these members all serve, exactly one of them leads, and a write has been served through each.
 *
 * @throws EnsembleError at once when one of them has exited; TimeoutError; AbortedError
 */
export async function waitUntilReady(backend: Backend, ids: readonly number[], options: WaitOptions): Promise<void> {
  let last = "";
  const ask = async (): Promise<true | undefined> => {
    const statuses = await Promise.all(ids.map((id) => statusOf(backend, id)));
    last = statuses.map(({ id, mode }) => `${id} ${mode}`).join(", ");
    const silent = statuses.filter(({ mode }) => mode === "unreachable");
    await Promise.all(silent.map(({ id }) => failIfExited(backend, id)));
    const leaders = statuses.filter(({ mode }) => mode === "leader" || mode === "standalone");
    if (silent.length > 0 || leaders.length !== 1 || statuses.some(({ mode }) => mode === "read-only"))
      return undefined;
    const problems = await Promise.all(ids.map((id) => problemWithWriting(backend, id)));
    const problem = problems.find((found) => found !== undefined);
    if (problem !== undefined) last += `; ${problem}`;
    return problem === undefined ? true : undefined;
  };
  await waitFor(ask, () => `the ensemble is not ready (${last})`, options);
}

async function problemWithWriting(backend: Backend, id: number): Promise<string | undefined> {
  try {
    const target = await backend.members.get(id)?.address("client");
    if (target !== undefined) await probeWrite(target, probeBoundMs);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function failIfExited(backend: Backend, id: number): Promise<void> {
  const member = backend.members.get(id);
  if (member === undefined || (await member.isAlive())) return;
  throw exitedError(id, await member.logs());
}
