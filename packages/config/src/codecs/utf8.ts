/** Throws on what is not UTF-8: replacement characters would reach the application unnoticed. A byte order mark is left out. */
const decoder = new TextDecoder("utf-8", { fatal: true });

export function utf8(data: Uint8Array): string {
  return decoder.decode(data);
}
