import { formatServer, netTransport } from "@quorate/core";
import { type Finding, ok, problem, warning } from "./checks.ts";
import type { Question } from "./four-letter-word.ts";
import { quorumOf, reportOf, type ServerReport } from "./server-report.ts";

const slowAnswerMs = 100;
const manyOutstanding = 10;

/** Name, port, TLS and answer of each server, and what they are together. */
export async function checkServers(questions: readonly Question[]): Promise<Finding[]> {
  const checked = await Promise.all(questions.map(checkServer));
  const reports = checked.map(({ report }) => report);
  return [...checked.flatMap(({ findings }) => findings), ...checkEnsemble(reports)];
}

async function checkServer(question: Question): Promise<{ findings: Finding[]; report: ServerReport }> {
  const server = formatServer(question.server);
  const check = `server ${server}`;
  let addresses: readonly string[];
  try {
    addresses = await netTransport.resolve(question.server.host);
  } catch (error) {
    const text = `the name cannot be looked up: ${error instanceof Error ? error.message : String(error)}`;
    return {
      findings: [problem(check, text, "correct the name, or the DNS")],
      report: { server, mode: "unreachable", problem: text },
    };
  }
  const report = await reportOf(question);
  const by = `${addresses.join(", ")}${question.tls === undefined ? "" : ", TLS verified"}`;
  return { findings: [findingOf(check, by, report, question.tls !== undefined)], report };
}

function findingOf(check: string, by: string, report: ServerReport, isTls: boolean): Finding {
  const { mode, answerMs = 0, outstanding = 0 } = report;
  if (mode === "unreachable") {
    const why = report.problem ?? "no answer";
    const advice =
      /TLS/.test(why) || isTls
        ? "is it the TLS port, and does --tls-ca name its authority?"
        : "is it running, is the port the client port, is a firewall in between, does it want --tls?";
    return problem(check, `${why} (${by})`, advice);
  }
  if (mode === "silent")
    return warning(check, `${report.problem ?? ""} (${by})`, "allow srvr, the default of 4lw.commands.whitelist");
  if (mode === "not-serving")
    return problem(check, `it runs but does not serve (${by})`, "it has no quorum: see the other servers");
  if (mode === "read-only")
    return problem(check, `cut off from the quorum, read-only (${by})`, "see the network between the servers");
  const about = `${mode}, ${report.version ?? "unknown version"}, answered in ${answerMs.toFixed(1)} ms (${by})`;
  if (answerMs > slowAnswerMs)
    return warning(check, about, `more than ${slowAnswerMs} ms: see the network, and the load of the server`);
  if (outstanding > manyOutstanding)
    return warning(
      check,
      `${about}, ${outstanding} requests waiting`,
      "it is overloaded: see its disk (fsync) and its heap",
    );
  return ok(check, about);
}

/** How many voters the ensemble should have, whether all of one mind are there, whether versions differ. */
function checkEnsemble(reports: readonly ServerReport[]): Finding[] {
  const findings: Finding[] = [];
  const quorum = quorumOf(reports);
  if (quorum === "no")
    findings.push(
      problem("quorum", "no server serves", "start the missing servers: more than half of the voters have to run"),
    );
  const leaders = reports.filter(({ mode }) => mode === "leader" || mode === "standalone");
  if (leaders.length > 1)
    findings.push(
      problem(
        "quorum",
        "more than one server leads or stands alone",
        "they are not one ensemble, or one of them was frozen: ask again, then see their zoo.cfg",
      ),
    );
  const [leader] = leaders;
  if (leader?.mode === "standalone")
    findings.push(warning("quorum", "a standalone server: none takes over when it fails", "run 3 or 5 in production"));
  const { voters, syncedFollowers } = leader ?? {};
  if (voters !== undefined && leader?.mode === "leader") {
    const present = (syncedFollowers ?? 0) + 1;
    const text = `${present} of ${voters} voters`;
    if (present < voters)
      findings.push(
        warning("quorum", text, `with ${Math.floor(voters / 2) + 1} it still works: bring the others back`),
      );
    else if (voters % 2 === 0)
      findings.push(
        warning(
          "quorum",
          `${text}: an even number`,
          `${voters} survive no more failures than ${voters - 1}: remove one or add one`,
        ),
      );
    else findings.push(ok("quorum", text));
  }
  const versions = [...new Set(reports.flatMap(({ version }) => version ?? []))];
  if (versions.length > 1) findings.push(warning("versions", versions.join(", "), "finish the rolling upgrade"));
  return findings;
}
