import type { Codec } from "@quorate/config";
import type { ConnectOptions } from "@quorate/core";

/** What a process of the demo is told, once, when it starts. */
export interface Part {
  readonly name: string;
  readonly servers: string;
  readonly options: ConnectOptions;
  /** Everything of the demo is below it. */
  readonly root: string;
  readonly port: number;
}

/** What a process of the demo tells. Tokens are decimal: 64 bits. */
export type PlayerEvent =
  | { readonly type: "ready" }
  | { readonly type: "waiting" }
  | { readonly type: "holding"; readonly token: string }
  | { readonly type: "released" }
  | { readonly type: "leading"; readonly token: string }
  | { readonly type: "following" }
  | { readonly type: "configured"; readonly greeting: string; readonly version: number }
  | { readonly type: "failed"; readonly message: string };

/** What the configuration of the demo holds. */
export interface DemoSettings {
  readonly greeting: string;
  /** How long each turn with the lock lasts. */
  readonly holdMs: number;
}

export const firstSettings: DemoSettings = { greeting: "hello", holdMs: 500 };

/** Nobody else writes it: what parses is taken as it is. An application would give a schema. */
export const settingsCodec: Codec<DemoSettings> = {
  decode: (data) => JSON.parse(Buffer.from(data).toString("utf8")) as DemoSettings,
  encode: (settings) => JSON.stringify(settings),
};

export const places = {
  lock: (root: string): string => `${root}/lock`,
  election: (root: string): string => `${root}/election`,
  group: (root: string): string => `${root}/group`,
  services: (root: string): string => `${root}/services`,
  settings: (root: string): string => `${root}/settings`,
} as const;

export const serviceName = "greeter";
