import type { Driver } from "@quorate/core";
import { OpCode } from "@quorate/protocol";
import { netTransport } from "../../packages/core/src/transport/net-transport.ts";
import { wireDriver } from "../../packages/core/src/wire/wire-driver.ts";

/** No server knows it. */
const unknownOpCode = 999;

/** A driver whose servers answer `addWatch` as those before 3.6 do: the real server is asked for something it does not know. */
export function oldServerDriver(): Driver {
  return wireDriver({
    transport: {
      ...netTransport,
      connect(target, events) {
        const stream = netTransport.connect(target, events);
        return {
          get queuedBytes() {
            return stream.queuedBytes;
          },
          write: (bytes) => stream.write(withoutAddWatch(bytes)),
          destroy: () => stream.destroy(),
        };
      },
    },
  });
}

/** Writes hold whole frames: length, xid, op code and the rest. */
function withoutAddWatch(bytes: Uint8Array): Uint8Array {
  const frames = Buffer.from(bytes);
  for (let at = 0; at < frames.length; at += 4 + frames.readInt32BE(at)) {
    if (frames.readInt32BE(at + 8) === OpCode.addWatch) frames.writeInt32BE(unknownOpCode, at + 8);
  }
  return frames;
}
