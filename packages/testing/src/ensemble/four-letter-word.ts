import { connect } from "node:net";
import { EnsembleError } from "../errors.ts";
import type { ProxyTarget } from "../proxy/proxied-connection.ts";

/** What ZooKeeper's `srvr` word says a server is; `read-only`: cut off from the quorum and serving reads only. */
export type ServerMode = "leader" | "follower" | "observer" | "standalone" | "read-only";

/** The whole answer to one of ZooKeeper's four-letter words. @throws EnsembleError when none came within `timeoutMs` */
export function fourLetterWord(target: ProxyTarget, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(target);
    let answer = "";
    const finish = (error: EnsembleError | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      if (error === undefined) resolve(answer);
      else reject(error);
    };
    const timer = setTimeout(() => finish(new EnsembleError(`no answer to ${word} within ${timeoutMs} ms`)), timeoutMs);
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(word));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", (cause) => finish(new EnsembleError(`${word}: ${cause.message}`, { cause })));
    socket.on("close", () => finish(answer === "" ? new EnsembleError(`no answer to ${word}`) : undefined));
  });
}

const modes: readonly ServerMode[] = ["leader", "follower", "observer", "standalone", "read-only"];

/** Reads the answer to `srvr`; undefined for a server that does not serve. */
export function parseSrvr(answer: string): { readonly mode: ServerMode; readonly zxid: bigint } | undefined {
  const mode = modes.find((known) => known === /^Mode: (.+)$/m.exec(answer)?.[1]);
  const zxid = /^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1];
  return mode === undefined || zxid === undefined ? undefined : { mode, zxid: BigInt(zxid) };
}
