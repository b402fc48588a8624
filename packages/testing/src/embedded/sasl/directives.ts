/** Reads SASL's `name=value,name="quoted"` list; undefined when a name comes twice. */
export function parseDirectives(text: string): ReadonlyMap<string, string> | undefined {
  const directives = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of text.matchAll(/([^\s=,"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/gs)) {
    if (directives.has(name.toLowerCase())) return undefined;
    directives.set(name.toLowerCase(), quoted?.replace(/\\(.)/gs, "$1") ?? plain);
  }
  return directives;
}
