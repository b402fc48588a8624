import type { ConfigVersion } from "@quorate/config";
import { type Client, NoNodeError } from "@quorate/core";
import { ErrorCode } from "@quorate/protocol";
import type { Output } from "../shared/output.ts";
import { safeText } from "../shared/safe-text.ts";

/** @throws NoNodeError */
export async function requireNode(client: Client, path: string, signal: AbortSignal): Promise<void> {
  if ((await client.exists(path, { signal })) === undefined)
    throw new NoNodeError(ErrorCode.NO_NODE, { op: "config", path });
}

export function versionJson(path: string, { value, version, mzxid, author, time }: ConfigVersion<string>): object {
  return {
    path,
    text: value,
    version,
    mzxid,
    ...(author === undefined ? {} : { author }),
    ...(time === undefined ? {} : { time }),
  };
}

export function show(out: Output, path: string, version: ConfigVersion<string>): void {
  const { value } = version;
  out.result(versionJson(path, version), () => {
    if (out.isTerminal) out.line(safeText(value).replace(/\n$/, ""));
    else out.bytes(Buffer.from(value));
  });
}
