import { FaultProxy, type ProxyMode, type ReplyMatch } from "@quorate/testing";
import type { Servers } from "../../support/servers.ts";

/** One client's own way to every member: a proxy before each of the members' own, so that these faults hit nobody else. */
export class Routes implements AsyncDisposable {
  readonly proxies: ReadonlyMap<number, FaultProxy>;

  private constructor(proxies: ReadonlyMap<number, FaultProxy>) {
    this.proxies = proxies;
  }

  static async open(ensemble: Servers): Promise<Routes> {
    const proxies = new Map<number, FaultProxy>();
    for (const { id, proxy } of ensemble.members) {
      proxies.set(id, await FaultProxy.listen({ target: { host: proxy.host, port: proxy.port } }));
    }
    return new Routes(proxies);
  }

  get connectString(): string {
    return this.through(...this.proxies.keys());
  }

  /** The connect string of these members only. */
  through(...ids: readonly number[]): string {
    return ids.map((id) => this.to(id).connectString).join(",");
  }

  to(id: number): FaultProxy {
    const proxy = this.proxies.get(id);
    if (proxy === undefined) throw new Error(`no member ${id}`);
    return proxy;
  }

  set mode(mode: ProxyMode) {
    for (const proxy of this.proxies.values()) proxy.mode = mode;
  }

  cut(): void {
    for (const proxy of this.proxies.values()) proxy.cut();
  }

  /** Drops the reply of one matching request, whichever way it takes. `cancel` lets it pass again. */
  dropReply(match: ReplyMatch): { readonly dropped: Promise<void>; cancel(): void } {
    const drops = [...this.proxies.values()].map((proxy) => proxy.dropReply(match));
    const cancel = (): void => {
      for (const drop of drops) drop.cancel();
    };
    return { dropped: Promise.race(drops.map(({ settled }) => settled)).then(cancel), cancel };
  }

  /** Connections accepted so far, on all ways together. */
  get connections(): number {
    return this.#sum("connections");
  }

  get requestBytes(): number {
    return this.#sum("requestBytes");
  }

  get requests(): number {
    return this.#sum("requests");
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #sum(counter: "connections" | "requestBytes" | "requests"): number {
    return [...this.proxies.values()].reduce((sum, proxy) => sum + proxy.stats()[counter], 0);
  }
}
