/** Reads SASL's `name=value,name="quoted"` list. */
export function parseDirectives(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = "", quoted, plain = ""] of text.matchAll(/([^\s=,"]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/gs)) {
    directives.set(name.toLowerCase(), quoted?.replace(/\\(.)/gs, "$1") ?? plain);
  }
  return directives;
}
