/** What is used of the npm package `zookeeper`: the object its own classes wrap, without their logging of every argument. */
export interface Binding {
  new (): Handle;
}

/** Return value of every request: 0, or the code of a refusal after which the callback is never called. */
type Refused = number;
type Done<Rest extends readonly unknown[] = readonly []> = (code: number, text: string, ...rest: Rest) => void;

/** One C client. Good for one connection here: after its `close` nothing of it may be used. */
export interface Handle {
  /** 3: connected. Others: connecting, or over. */
  readonly state: number;
  /** Called by the binding, from within the C client. Must not throw. */
  emit: (event: string, handle: unknown, detail: unknown) => void;
  init(config: InitConfig): unknown;
  close(): void;
  a_create(path: string, data: Uint8Array, flags: number, done: Done<[path: string]>): Refused;
  a_create_ttl(path: string, data: Uint8Array, flags: number, ttl: number, done: Done<[path: string]>): Refused;
  a_delete_(path: string, version: number, done: Done): Refused;
  a_exists(path: string, watch: boolean, done: Done): Refused;
  a_get(path: string, watch: boolean, done: Done): Refused;
  a_set(path: string, data: Uint8Array, version: number, done: Done): Refused;
  a_get_children(path: string, watch: boolean, done: Done): Refused;
  a_get_children2(path: string, watch: boolean, done: Done): Refused;
  a_set_acl(path: string, version: number, acl: readonly BindingAcl[], done: Done): Refused;
  a_sync(path: string, done: Done): Refused;
  a_reconfig(
    joining: string | null,
    leaving: string | null,
    members: string | null,
    version: number,
    done: Done,
  ): Refused;
  add_auth(scheme: string, credential: string, done: Done): Refused;
}

export interface BindingAcl {
  readonly perm: number;
  readonly scheme: string;
  readonly auth: string;
}

export interface InitConfig {
  /** `address:port` */
  readonly connect: string;
  /** Session timeout, milliseconds. */
  readonly timeout: number;
  readonly debug_level: number;
  readonly host_order_deterministic: boolean;
  readonly response_counter_limit: number;
  /** Hexadecimal. */
  readonly client_id?: string;
  /** Hexadecimal, upper case. */
  readonly client_password?: string;
}
