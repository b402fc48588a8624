import { type Acl, type Credential, openAcl, type SaslCredential } from "@quorate/core";
import {
  AddWatchMode,
  CreateMode,
  type MultiOperation,
  type MultiReadOperation,
  type Operation,
  WatcherType,
} from "@quorate/protocol";

/** What one of a script's sessions does next. */
export type Step = { readonly actor: string } & (
  | { readonly do: "request"; readonly operation: Operation }
  /** Opens the session; the first request does it too, with the defaults. */
  | { readonly do: "open"; readonly options: ActorOptions }
  | { readonly do: "close" }
  | { readonly do: "present"; readonly credential: Credential }
  /** Loses its connection, and finds it again once the others have done their steps. */
  | { readonly do: "away"; readonly meanwhile: readonly Step[] }
  /** Waits for what no reply announces. */
  | { readonly do: "wait"; readonly events: number }
);

export interface ActorOptions {
  readonly sessionTimeoutMs?: number;
  readonly credentials?: readonly Credential[];
  readonly sasl?: SaslCredential;
}

/** Several requests to one server, told with their answers. */
export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
}

export function script(name: string, ...steps: readonly (Step | readonly Step[])[]): Script {
  return { name, steps: steps.flat() };
}

export interface NodeOptions {
  readonly data?: string | null;
  readonly mode?: keyof typeof CreateMode;
  readonly acl?: readonly Acl[];
}

type Watched = "watched" | undefined;

/** Members of a multi. */
export const member = {
  create: (path: string, options: NodeOptions = {}): MultiOperation => ({ op: "create", ...creation(path, options) }),
  create2: (path: string, options: NodeOptions = {}): MultiOperation => ({ op: "create2", ...creation(path, options) }),
  container: (path: string, options: NodeOptions = {}): MultiOperation => ({
    op: "createContainer",
    ...creation(path, { mode: "container", ...options }),
  }),
  ttl: (path: string, ttlMs: number, options: NodeOptions = {}): MultiOperation => ({
    op: "createTtl",
    ...creation(path, { mode: "persistentWithTtl", ...options }),
    ttl: BigInt(ttlMs),
  }),
  delete: (path: string, version = -1): MultiOperation => ({ op: "delete", path, version }),
  check: (path: string, version = -1): MultiOperation => ({ op: "check", path, version }),
  set: (path: string, data: string | null, version = -1): MultiOperation => ({
    op: "setData",
    path,
    data: encoded(data),
    version,
  }),
} as const;

/** Members of a multiRead. */
export const read = {
  get: (path: string): MultiReadOperation => ({ op: "getData", path, watch: false }),
  children: (path: string): MultiReadOperation => ({ op: "getChildren", path, watch: false }),
} as const;

/** The steps a session can take. */
export class Actor {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  readonly open = (options: ActorOptions = {}): Step => ({ actor: this.name, do: "open", options });
  readonly close = (): Step => ({ actor: this.name, do: "close" });
  readonly away = (...meanwhile: readonly Step[]): Step => ({ actor: this.name, do: "away", meanwhile });
  readonly sees = (events: number): Step => ({ actor: this.name, do: "wait", events });
  readonly present = (scheme: string, credential: string): Step => ({
    actor: this.name,
    do: "present",
    credential: { scheme, credential: Buffer.from(credential) },
  });

  readonly request = (operation: Operation): Step => ({ actor: this.name, do: "request", operation });
  readonly create = (path: string, options: NodeOptions = {}): Step =>
    this.request({ op: "create2", ...creation(path, options) });
  readonly create1 = (path: string, options: NodeOptions = {}): Step =>
    this.request({ op: "create", ...creation(path, options) });
  readonly container = (path: string, options: NodeOptions = {}): Step =>
    this.request({ op: "createContainer", ...creation(path, { mode: "container", ...options }) });
  readonly ttl = (path: string, ttlMs: number, options: NodeOptions = {}): Step =>
    this.request({
      op: "createTtl",
      ...creation(path, { mode: "persistentWithTtl", ...options }),
      ttl: BigInt(ttlMs),
    });
  readonly delete = (path: string, version = -1): Step => this.request({ op: "delete", path, version });
  readonly set = (path: string, data: string | null, version = -1): Step =>
    this.request({ op: "setData", path, data: encoded(data), version });
  readonly get = (path: string, watched?: Watched): Step =>
    this.request({ op: "getData", path, watch: watched !== undefined });
  readonly exists = (path: string, watched?: Watched): Step =>
    this.request({ op: "exists", path, watch: watched !== undefined });
  readonly children = (path: string, watched?: Watched): Step =>
    this.request({ op: "getChildren2", path, watch: watched !== undefined });
  readonly children1 = (path: string, watched?: Watched): Step =>
    this.request({ op: "getChildren", path, watch: watched !== undefined });
  readonly getAcl = (path: string): Step => this.request({ op: "getAcl", path });
  readonly setAcl = (path: string, acl: readonly Acl[], version = -1): Step =>
    this.request({ op: "setAcl", path, acl, version });
  readonly sync = (path: string): Step => this.request({ op: "sync", path });
  readonly multi = (...operations: readonly MultiOperation[]): Step => this.request({ op: "multi", operations });
  readonly multiRead = (...operations: readonly MultiReadOperation[]): Step =>
    this.request({ op: "multiRead", operations });
  readonly addWatch = (path: string, mode: "persistent" | "recursive"): Step =>
    this.request({
      op: "addWatch",
      path,
      mode: mode === "persistent" ? AddWatchMode.persistent : AddWatchMode.persistentRecursive,
    });
  readonly checkWatches = (path: string, type: keyof typeof WatcherType): Step =>
    this.request({ op: "checkWatches", path, type: WatcherType[type] });
  readonly removeWatches = (path: string, type: keyof typeof WatcherType): Step =>
    this.request({ op: "removeWatches", path, type: WatcherType[type] });
  readonly ephemerals = (prefixPath: string): Step => this.request({ op: "getEphemerals", prefixPath });
  readonly count = (path: string): Step => this.request({ op: "getAllChildrenNumber", path });
  readonly whoAmI = (): Step => this.request({ op: "whoAmI" });
}

export const a: Actor = new Actor("a");
export const b: Actor = new Actor("b");
export const c: Actor = new Actor("c");

function creation(path: string, { data = null, mode = "persistent", acl = openAcl }: NodeOptions) {
  return { path, data: encoded(data), acl, flags: CreateMode[mode] };
}

function encoded(data: string | null): Uint8Array | null {
  return data === null ? null : Buffer.from(data);
}
