import { InvalidArgumentError } from "@quorate/core";
import type { Codec, CodecName, LoadedCodec } from "./codec.ts";
import { namedCodecs } from "./named-codecs.ts";

/** @throws InvalidArgumentError, MissingPackageError */
export async function loadCodec(
  codec: CodecName | Codec,
  subject: { readonly op: string; readonly path: string },
): Promise<LoadedCodec> {
  if (typeof codec === "string") {
    if (Object.hasOwn(namedCodecs, codec)) return namedCodecs[codec]();
    const names = Object.keys(namedCodecs).join(", ");
    throw new InvalidArgumentError(`codec ${JSON.stringify(codec)} is none of ${names}`, subject);
  }
  if (typeof codec?.decode !== "function" || typeof codec.encode !== "function") {
    throw new InvalidArgumentError("codec is neither a name nor { decode, encode }", subject);
  }
  const { name = "custom" } = codec;
  return {
    name: `own:${name}`,
    label: name,
    acceptsEmpty: true,
    decode: (data) => codec.decode(data),
    encode: (value) => codec.encode(value),
  };
}
