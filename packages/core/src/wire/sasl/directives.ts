/** Reads SASL's `name=value,name="quoted \"value\""` list. Of a repeated name the first value counts. */
export function parseDirectives(text: string): Map<string, string> {
  const directives = new Map<string, string>();
  for (const match of text.matchAll(/([^\s=,"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/gs)) {
    const [, name = "", inQuotes, plain = ""] = match;
    const value = inQuotes === undefined ? plain : inQuotes.replace(/\\(.)/gs, "$1");
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), value);
  }
  return directives;
}

export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}
