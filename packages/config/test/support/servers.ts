import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, type ConnectOptions, connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";
import { onTestFinished, vi } from "vitest";

// Conditions are waited for, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

/** A server for one test, which must be left without sessions, watches and ephemeral znodes. */
export async function startServer(): Promise<EmbeddedServer> {
  const server = await EmbeddedServer.start();
  onTestFinished(() => server.stop());
  return server;
}

export async function clientOf(server: EmbeddedServer, options: ConnectOptions = {}): Promise<Client> {
  const client = await connect(server.connectString, options);
  onTestFinished(() => client.close());
  return client;
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "quorate-config-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
