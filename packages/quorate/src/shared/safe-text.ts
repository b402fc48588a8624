/** What could move the cursor, change colours or turn the direction of text around: C0, DEL, C1, and Unicode's bidirectional controls. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Text of somebody else's for one line of a terminal. */
export function safeLine(text: string): string {
  return text.replace(unsafe, escaped);
}

/** Text of somebody else's for a terminal; its line ends and tabs stay. */
export function safeText(text: string): string {
  return text.replace(unsafe, (character) =>
    character === "\n" || character === "\t" ? character : escaped(character),
  );
}

/** The text that these bytes are in UTF-8; undefined if they are none. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Sixteen bytes a line: offset, hexadecimal, and what is printable of it in ASCII. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}

/** A znode's data for a terminal. */
export function shownData(data: Uint8Array): string {
  const text = utf8Text(data);
  return text === undefined ? hexDump(data) : safeText(text);
}

/** A znode's data in a few words, for a line that tells of other things as well. */
export function dataInBrief(data: Uint8Array | null, limit = 60): string {
  if (data === null) return "(none)";
  const text = utf8Text(data);
  if (text === undefined) return `(${data.length} bytes)`;
  const characters = Array.from(text);
  return safeLine(characters.length <= limit ? text : `${characters.slice(0, limit).join("")}...`);
}

/** A znode's data in JSON: as text where it is text, in base64 where it is not. */
export function jsonData(data: Uint8Array | null): { readonly data: string | null; readonly encoding?: "base64" } {
  if (data === null) return { data: null };
  const text = utf8Text(data);
  return text === undefined ? { data: Buffer.from(data).toString("base64"), encoding: "base64" } : { data: text };
}
