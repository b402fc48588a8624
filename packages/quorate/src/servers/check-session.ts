import { type Client, QuorateError } from "@quorate/core";
import { shownDuration } from "../shared/duration.ts";
import { safeLine } from "../shared/safe-text.ts";
import { wallClockMs } from "../shared/time.ts";
import { type Finding, ok, problem, warning } from "./checks.ts";

const samples = 20;
const slowReadMs = 20;
const slowWriteMs = 100;
const skewBoundMs = 1000;

/** What a session tells: its timeout, who it is, how long requests take, what time it is at the leader. */
export async function checkSession(client: Client, askedTimeoutMs: number, signal: AbortSignal): Promise<Finding[]> {
  return [
    sessionTimeout(client, askedTimeoutMs),
    await identity(client, signal),
    await latency("reads", slowReadMs, () => client.exists("/", { signal })),
    ...(await writing(client, signal)),
  ];
}

function sessionTimeout({ session, readOnly }: Client, askedTimeoutMs: number): Finding {
  const { negotiatedTimeoutMs } = session;
  const text = `timeout ${shownDuration(negotiatedTimeoutMs)}${readOnly ? ", read-only" : ""}`;
  if (negotiatedTimeoutMs === askedTimeoutMs) return ok("session", text);
  const advice =
    "the servers keep it within 2 and 20 of their ticks: see tickTime, minSessionTimeout, maxSessionTimeout";
  return warning("session", `${text}, asked for ${shownDuration(askedTimeoutMs)}`, advice);
}

async function identity(client: Client, signal: AbortSignal): Promise<Finding> {
  try {
    const known = await client.whoAmI({ signal });
    return ok("identity", known.map(({ authScheme, user }) => `${authScheme}:${safeLine(user)}`).join(", ") || "none");
  } catch (error) {
    if (QuorateError.isQuorateError(error) && error.code === "UNSUPPORTED")
      return ok("identity", "the servers are too old to tell");
    throw error;
  }
}

async function latency(what: string, slowMs: number, request: () => Promise<unknown>): Promise<Finding> {
  const timesMs: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const startedAt = performance.now();
    await request();
    timesMs.push(performance.now() - startedAt);
  }
  timesMs.sort((a, b) => a - b);
  const [median = 0, worst = 0] = [timesMs[Math.floor(samples / 2)], timesMs.at(-1)];
  const text = `median ${median.toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${samples}`;
  return median <= slowMs
    ? ok(what, text)
    : warning(
        what,
        text,
        `a median above ${slowMs} ms: see the network and, for writes, the disk of the transaction log`,
      );
}

/** By one ephemeral znode: its time of creation is the leader's. */
async function writing(client: Client, signal: AbortSignal): Promise<Finding[]> {
  try {
    const before = wallClockMs();
    const { path, stat } = await client.create("/quorate-doctor-", null, { mode: "ephemeral-sequential", signal });
    const after = wallClockMs();
    try {
      return [
        await latency("writes", slowWriteMs, () => client.set(path, "", { signal })),
        skew(Number(stat.ctime), before, after),
      ];
    } finally {
      await client.delete(path);
    }
  } catch (error) {
    if (!QuorateError.isQuorateError(error)) throw error;
    if (error.code === "NO_AUTH")
      return [
        warning(
          "writes",
          "not permitted at the root: latency and clock were not checked",
          "give an identity that may, or a chroot",
        ),
      ];
    if (error.code === "NO_NODE")
      return [problem("writes", "the chroot does not exist", "create it, or correct --connect")];
    if (error.code === "NOT_READ_ONLY")
      return [problem("writes", "the server is cut off and read-only", "see the other servers")];
    throw error;
  }
}

function skew(leaderMs: number, before: number, after: number): Finding {
  const text = leaderMs < before ? before - leaderMs : leaderMs > after ? leaderMs - after : 0;
  const side = leaderMs < before ? "behind" : "ahead";
  if (text <= skewBoundMs)
    return ok("clock", text === 0 ? "the leader's agrees with ours" : `the leader's is ${text} ms ${side}`);
  return warning(
    "clock",
    `the leader's is ${shownDuration(text)} ${side} of ours`,
    "leases do not depend on it, logs and TLS do: set up NTP",
  );
}
