import type { Auth, Client, ConnectOptions, TlsOptions } from "@quorate/core";
import { type Command, Option } from "commander";
import { parseIdentities, readNamedFile } from "./auth-file.ts";
import { parseDuration } from "./duration.ts";
import type { CommonOptions, Run } from "./run.ts";

/** What every command that talks to servers takes. */
export interface ConnectionOptions extends CommonOptions {
  readonly connect: string;
  readonly sessionTimeout?: number;
  readonly connectTimeout?: number;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsPassphraseFile?: string;
  readonly tlsServername?: string;
  readonly tlsInsecure?: true;
  readonly authFile?: string;
}

const defaultServers = "127.0.0.1:2181";

export function addConnectionOptions(command: Command): Command {
  const file = (flags: string, text: string, variable: string): Option => new Option(flags, text).env(variable);
  return command
    .optionsGroup("Connection:")
    .addOption(
      new Option("-c, --connect <servers>", "host:port,host:port/chroot")
        .env("QUORATE_CONNECT")
        .default(defaultServers),
    )
    .option("--session-timeout <duration>", "session timeout to ask for, such as 10s", parseDuration)
    .option("--connect-timeout <duration>", "how long to try to connect (default: 15s)", parseDuration)
    .option("--tls", "connect by TLS; so does any other --tls option, and QUORATE_TLS=1")
    .addOption(file("--tls-ca <file>", "authorities to trust, PEM", "QUORATE_TLS_CA"))
    .addOption(file("--tls-cert <file>", "own certificate, PEM", "QUORATE_TLS_CERT"))
    .addOption(file("--tls-key <file>", "its private key, PEM", "QUORATE_TLS_KEY"))
    .option("--tls-passphrase-file <file>", "passphrase of the key; or in QUORATE_TLS_PASSPHRASE")
    .addOption(file("--tls-servername <name>", "name to verify the certificate against", "QUORATE_TLS_SERVERNAME"))
    .option("--tls-insecure", "do not verify the servers' certificates")
    .addOption(
      file(
        "--auth-file <file>",
        "identities, a line each: digest:user:password; or in QUORATE_AUTH",
        "QUORATE_AUTH_FILE",
      ),
    );
}

/** @throws UsageError when a file cannot be read or makes no sense */
export async function connectOptionsOf(options: ConnectionOptions): Promise<ConnectOptions> {
  const tls = await tlsOptionsOf(options);
  const auth = await identitiesOf(options);
  return {
    ...(options.sessionTimeout === undefined ? {} : { sessionTimeoutMs: options.sessionTimeout }),
    ...(options.connectTimeout === undefined ? {} : { connectTimeoutMs: options.connectTimeout }),
    ...(tls === undefined ? {} : { tls }),
    ...(auth.length === 0 ? {} : { auth }),
  };
}

/** Connects, and closes afterwards whatever happens: what the session holds is released by that at the latest. */
export async function withClient<T>(
  { out, signal }: Run,
  options: ConnectionOptions,
  body: (client: Client) => Promise<T>,
  extra: ConnectOptions = {},
): Promise<T> {
  const { connect } = await import("@quorate/core");
  const connecting = connect(options.connect, { ...(await connectOptionsOf(options)), ...extra, signal });
  const client = await out.progress(`connecting to ${options.connect}`, connecting);
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

export async function tlsOptionsOf(options: ConnectionOptions): Promise<TlsOptions | undefined> {
  const { tlsCa, tlsCert, tlsKey, tlsServername, tlsInsecure } = options;
  const isAsked = options.tls === true || /^(1|true|yes|on)$/i.test(process.env["QUORATE_TLS"] ?? "");
  const given = [tlsCa, tlsCert, tlsKey, tlsServername, tlsInsecure, options.tlsPassphraseFile];
  if (!isAsked && given.every((value) => value === undefined)) return undefined;
  const passphrase = await passphraseOf(options);
  return {
    ...(tlsCa === undefined ? {} : { ca: await readNamedFile(tlsCa, "the authorities") }),
    ...(tlsCert === undefined ? {} : { cert: await readNamedFile(tlsCert, "the certificate") }),
    ...(tlsKey === undefined ? {} : { key: await readNamedFile(tlsKey, "the key") }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(tlsServername === undefined ? {} : { servername: tlsServername }),
    ...(tlsInsecure === true ? { rejectUnauthorized: false } : {}),
  };
}

async function passphraseOf({ tlsPassphraseFile }: ConnectionOptions): Promise<string | undefined> {
  if (tlsPassphraseFile === undefined) return process.env["QUORATE_TLS_PASSPHRASE"];
  return (await readNamedFile(tlsPassphraseFile, "the passphrase")).toString("utf8").replace(/\r?\n$/, "");
}

async function identitiesOf({ authFile }: ConnectionOptions): Promise<Auth[]> {
  const text = process.env["QUORATE_AUTH"];
  const fromEnvironment = text === undefined ? [] : parseIdentities(text, "QUORATE_AUTH");
  if (authFile === undefined) return fromEnvironment;
  const content = await readNamedFile(authFile, "the identities");
  return [...fromEnvironment, ...parseIdentities(content.toString("utf8"), authFile)];
}
