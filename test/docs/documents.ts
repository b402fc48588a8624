import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Document {
  readonly path: string;
  readonly text: string;
}

export interface CodeBlock {
  readonly path: string;
  /** Of the first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
}

/** Every Markdown file of the repository that is not ignored; the changesets are no documents. */
export function documents(): Document[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "*.md", ":!.changeset"];
  const paths = execFileSync("git", args, { encoding: "utf8" }).split("\n").filter(Boolean);
  return paths.map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/** The ```ts blocks: each is a whole module. */
export function codeBlocks({ path, text }: Document): CodeBlock[] {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
    path,
    line: text.slice(0, match.index).split("\n").length + 1,
    code: match[1] ?? "",
  }));
}

/** The targets of links to files of the repository, without their anchors. */
export function fileLinks({ text }: Document): string[] {
  const prose = text.replace(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? "").replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
}
