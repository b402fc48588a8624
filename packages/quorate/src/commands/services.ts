import type { Client } from "@quorate/core";
import type { ServiceInstance } from "@quorate/registry";
import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { shownDuration } from "../shared/duration.ts";
import { ExitStatus } from "../shared/exit-status.ts";
import type { Run } from "../shared/run.ts";
import { safeLine } from "../shared/safe-text.ts";
import { isoTime, timeOfDay, wallClockMs } from "../shared/time.ts";

interface Options {
  readonly watch?: true;
  readonly base: string;
}

type Connected = Run & { readonly client: Client };

export function services(): Command {
  const command = serverCommand(
    {
      name: "services",
      arguments: [["[name]", "one of them; default all"]],
      summary: "Show services and their instances",
      details:
        "Those of Apache Curator's ServiceDiscovery are shown as well. Status 1 if the one named has no instance.",
      examples: [
        ["services", "names, and how many instances each has"],
        ["services orders", "its instances"],
        ["services orders --watch", "instances coming and going, until Ctrl-C"],
      ],
    },
    (own) =>
      own
        .option("-w, --watch", "follow what comes and goes, until Ctrl-C")
        .option("--base <path>", "where the services are", "/services"),
  );
  return doingConnected<[string?], Options>(command, async (run, [name], { watch, base }) => {
    const { ServiceRegistry } = await import("@quorate/registry");
    const onInvalid = ({ path }: { readonly path: string }): void =>
      run.out.warn(`${safeLine(path)} is not an instance: passed over`);
    await using registry = new ServiceRegistry(run.client, { basePath: base, onInvalid });
    if (name === undefined) return await (watch === true ? followNames(run, registry) : showNames(run, registry));
    await using service = await registry.discover(name, { signal: run.signal });
    if (watch !== true) return await showInstances(run, service.instances);
    run.out.note(`watching ${safeLine(name)}; Ctrl-C ends it`);
    for await (const change of service.watch({ signal: run.signal })) {
      const changed = change.type === "snapshot" ? change.instances : [change.instance];
      const type = change.type === "snapshot" ? "there" : change.type;
      for (const instance of changed)
        tell(run, type, json(instance), `${addressOf(instance)}  ${safeLine(instance.id)}`);
    }
    return ExitStatus.ok;
  });
}

type Registry = InstanceType<typeof import("@quorate/registry")["ServiceRegistry"]>;

async function showNames({ out, signal }: Connected, registry: Registry): Promise<number> {
  await using names = await registry.services({ signal });
  const found: { name: string; instances: number }[] = [];
  for (const name of names.names) {
    await using service = await registry.discover(name, { signal });
    found.push({ name, instances: service.instances.length });
  }
  if (out.isJson) out.result(found, () => {});
  else if (found.length === 0) out.line("no services");
  else
    await out.table(
      ["SERVICE", "INSTANCES"],
      found.map(({ name, instances }) => [safeLine(name), String(instances)]),
    );
  return ExitStatus.ok;
}

async function followNames(run: Connected, registry: Registry): Promise<number> {
  await using names = await registry.services({ signal: run.signal });
  for await (const change of names.watch({ signal: run.signal })) {
    const changed = change.type === "snapshot" ? change.names : [change.name];
    const type = change.type === "snapshot" ? "there" : change.type;
    for (const name of changed) tell(run, type, { name }, safeLine(name));
  }
  return ExitStatus.ok;
}

async function showInstances({ out }: Connected, instances: readonly ServiceInstance[]): Promise<number> {
  if (out.isJson) out.result(instances.map(json), () => {});
  else if (instances.length === 0) out.line("no instances");
  else {
    const now = wallClockMs();
    const rows = instances.map((instance) => [
      safeLine(instance.id),
      addressOf(instance),
      instance.enabled ? "yes" : "no",
      shownDuration(Math.max(0, now - instance.registrationTimeUTC)),
      instance.payload === undefined ? "" : safeLine(JSON.stringify(instance.payload)).slice(0, 60),
    ]);
    await out.table(["INSTANCE", "ADDRESS", "ENABLED", "FOR", "PAYLOAD"], rows);
  }
  return instances.length === 0 ? ExitStatus.no : ExitStatus.ok;
}

function tell({ out }: Run, type: string, what: object, text: string): void {
  const now = wallClockMs();
  out.event({ time: isoTime(now), type, ...what }, `${out.colors.dim(timeOfDay(now))}  ${type.padEnd(7)}  ${text}`);
}

function addressOf({ address = "?", port, sslPort }: ServiceInstance): string {
  const host = safeLine(address.includes(":") ? `[${address}]` : address);
  const ports = [port, sslPort === undefined ? undefined : `${sslPort} (TLS)`].filter((one) => one !== undefined);
  return ports.length === 0 ? host : `${host}:${ports.join(", ")}`;
}

function json({ registrationTimeUTC, ...instance }: ServiceInstance): object {
  return { ...instance, registered: isoTime(registrationTimeUTC) };
}
