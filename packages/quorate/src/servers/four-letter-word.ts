import { netTransport, type ServerAddress, type TlsOptions } from "@quorate/core";

export interface Question {
  readonly server: ServerAddress;
  readonly tls: TlsOptions | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The server answers, but not to this word: its `4lw.commands.whitelist` leaves it out. */
export class WordForbiddenError extends Error {
  override readonly name = "WordForbiddenError";
}

/**
 * The whole answer to one of ZooKeeper's four-letter words.
 *
 * @throws WordForbiddenError; Error when there is no answer
 */
export async function fourLetterWord(word: string, { server, tls, timeoutMs, signal }: Question): Promise<string> {
  const [address = server.host] = await netTransport.resolve(server.host);
  const answer = await new Promise<string>((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let isOpen = false;
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      stream.destroy();
      act();
    };
    const stream = netTransport.connect(
      { host: server.host, address, port: server.port, tls },
      {
        open() {
          isOpen = true;
          stream.write(Buffer.from(word));
        },
        data: (chunk) => void chunks.push(chunk),
        // A server closes the connection behind its answer.
        close: (cause) =>
          settle(() => (isOpen && chunks.length > 0 ? resolve(Buffer.concat(chunks).toString("utf8")) : reject(cause))),
      },
    );
    const timer = setTimeout(() => settle(() => reject(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs);
    const onAbort = (): void => settle(() => reject(signal.reason as Error));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  if (/is not executed because it is not in the whitelist/.test(answer)) {
    throw new WordForbiddenError(`the server does not answer ${word} (4lw.commands.whitelist)`);
  }
  return answer;
}
