import { connectionLine } from "./connection-line.ts";
import type { ServerReport } from "./server-report.ts";
import { configuration, environment, statistics, summary } from "./texts.ts";
import { dump, watchesByPath, watchesBySession, watchSummary } from "./watch-texts.ts";

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

type Word = (report: ServerReport) => string;

/** The words for people and monitors, with what they answer; all of them are allowed. */
export const fourLetterWords: ReadonlyMap<string, Word> = new Map<string, Word>([
  ["ruok", () => "imok"],
  ["isro", ({ isReadOnly }) => (isReadOnly ? "ro" : "rw")],
  ["srvr", (report) => lines(summary(report, []))],
  [
    "stat",
    (report) => lines(summary(report, ["Clients:", ...report.connections.map((c) => connectionLine(c, "brief")), ""])),
  ],
  ["mntr", (report) => lines(statistics(report))],
  ["conf", (report) => lines(configuration(report))],
  ["envi", () => lines(environment())],
  ["cons", ({ connections }) => lines([...connections.map((c) => connectionLine(c, "full")), ""])],
  ["wchs", ({ state }) => lines(watchSummary(state.watches.data))],
  ["wchc", ({ state }) => lines(watchesBySession(state.watches.data))],
  ["wchp", ({ state }) => lines(watchesByPath(state.watches.data))],
  ["dump", (report) => lines(dump(report))],
]);
