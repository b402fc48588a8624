import { readFileSync, writeFileSync } from "node:fs";

const heading = "# ";

/** The transcripts of one topic, as the reference has shown them; one file, so that it can be read as a description of the server. */
export class TranscriptFile {
  readonly #url: URL;
  readonly #sections: Map<string, string>;

  constructor(topic: string) {
    this.#url = new URL(`../transcripts/${topic}.txt`, import.meta.url);
    this.#sections = parse(this.#url);
  }

  get names(): readonly string[] {
    return [...this.#sections.keys()];
  }

  get(name: string): string | undefined {
    return this.#sections.get(name);
  }

  set(name: string, transcript: string): void {
    this.#sections.set(name, transcript);
  }

  /** Writes what these names have, in their order. */
  save(names: readonly string[]): void {
    writeFileSync(this.#url, names.map((name) => `${heading}${name}\n${this.get(name) ?? ""}`).join("\n"));
  }
}

function parse(url: URL): Map<string, string> {
  const sections = new Map<string, string>();
  for (const section of `\n${read(url)}`.split(`\n${heading}`).slice(1)) {
    const end = section.indexOf("\n");
    sections.set(section.slice(0, end), `${section.slice(end + 1).trimEnd()}\n`);
  }
  return sections;
}

/** A new topic has none yet. */
function read(url: URL): string {
  try {
    return readFileSync(url, "utf8");
  } catch {
    return "";
  }
}
