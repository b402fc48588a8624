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

export interface Link {
  /** The file it leads to, relative to the document's; empty for the document itself. */
  readonly file: string;
  /** The heading in it, without `#`; empty for the file as a whole. */
  readonly anchor: string;
}

/** Links to files of the repository and to headings in them. */
export function links({ text }: Document): Link[] {
  const prose = withoutCode(text);
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = "", anchor = ""] = target.split("#");
      return { file, anchor };
    });
}

/** The anchors of a document's headings, as GitHub makes them. */
export function anchors(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```.*?^```$/gms, "");
}
