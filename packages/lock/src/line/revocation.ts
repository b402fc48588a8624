import type { Client, Lease, Session, Watch } from "@quorate/core";
import { overLoss } from "@quorate/core/recipe";
import { revokeMessage } from "./contender.ts";

/** Tells a holder, once, that it is asked to hand its lock over. */
export class RevocationWatch {
  readonly #client: Client;
  readonly #session: Session;
  readonly #path: string;
  #watch: Watch | undefined;

  /** @param path of the holder's znode */
  constructor(client: Client, session: Session, path: string) {
    this.#client = client;
    this.#session = session;
    this.#path = path;
  }

  /** Ends with the lease's loss; the lease's own release has to stop it. */
  follow({ signal }: Lease, onRevoke: () => unknown): void {
    const watch = this.#client.watch(this.#path, { signal });
    this.#watch = watch;
    void this.#untilRevoked(watch)
      .then(async (isRevoked) => {
        this.stop();
        if (isRevoked) await onRevoke();
      })
      .catch((error: unknown) => {
        this.#client.logger.error(`revoking ${this.#path} failed`, { error });
      });
  }

  stop(): void {
    this.#watch?.close().catch(() => {});
  }

  /** @returns false if it was not until now and will not be any more */
  async #untilRevoked(watch: Watch): Promise<boolean> {
    // It may have been asked while it still waited. The watch was sent before: nothing is missed in between.
    if (await this.#isRevoked()) return true;
    for await (const event of watch) {
      if (event.type !== "deleted" && (await this.#isRevoked())) return true;
    }
    return false;
  }

  async #isRevoked(): Promise<boolean> {
    try {
      const { data } = await overLoss(() => this.#session.get(this.#path));
      return data !== null && Buffer.from(data).toString() === revokeMessage;
    } catch (error) {
      // The lease itself tells of its session's end and of its znode's deletion.
      if (this.#session.signal.aborted || (error as { readonly code?: unknown }).code === "NO_NODE") return false;
      throw error;
    }
  }
}
