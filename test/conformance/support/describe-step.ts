import type { Acl, Credential } from "@quorate/core";
import {
  AddWatchMode,
  CreateMode,
  type MultiOperation,
  type MultiReadOperation,
  type Operation,
  Permission,
  WatcherType,
} from "@quorate/protocol";
import type { Step } from "./steps.ts";

/** A step in words; `away` is told twice, by what comes before and after it. */
export function describeStep(step: Step): string {
  switch (step.do) {
    case "request":
      return `${step.actor} ${describeOperation(step.operation)}`;
    case "open": {
      const { sessionTimeoutMs, credentials = [], sasl } = step.options;
      const who = credentials.map(describeCredential);
      if (sasl !== undefined) who.push(`sasl ${sasl.username}`);
      if (sessionTimeoutMs !== undefined) who.push(`${sessionTimeoutMs} ms`);
      return [step.actor, "opens", ...who].join(" ");
    }
    case "close":
      return `${step.actor} closes`;
    case "present":
      return `${step.actor} presents ${describeCredential(step.credential)}`;
    case "away":
      return `${step.actor} connection`;
    case "wait":
      return `${step.actor} sees`;
  }
}

function describeCredential({ scheme, credential }: Credential): string {
  return `${scheme} ${Buffer.from(credential).toString()}`;
}

function describeOperation(operation: Operation | MultiOperation | MultiReadOperation): string {
  const { op } = operation;
  switch (op) {
    case "create":
    case "create2":
    case "createContainer":
    case "createTtl": {
      const { path, data, flags, acl } = operation;
      const usual = { create: 0, create2: 0, createContainer: CreateMode.container, createTtl: 5 }[op];
      const mode = flags === usual ? [] : [keyOf(CreateMode, flags)];
      const ttl = op === "createTtl" ? [`${operation.ttl} ms`] : [];
      const given = data === null ? [] : [describeData(data)];
      return [op, path, ...given, ...mode, ...ttl, ...aclUnlessOpen(acl)].join(" ");
    }
    case "delete":
    case "check":
      return [op, operation.path, ...versionUnlessAny(operation.version)].join(" ");
    case "setData":
      return [op, operation.path, describeData(operation.data), ...versionUnlessAny(operation.version)].join(" ");
    case "setAcl":
      return [op, operation.path, describeAcl(operation.acl), ...versionUnlessAny(operation.version)].join(" ");
    case "exists":
    case "getData":
    case "getChildren":
    case "getChildren2":
      return [op, operation.path, ...(operation.watch ? ["watched"] : [])].join(" ");
    case "addWatch":
      return `${op} ${operation.path} ${keyOf(AddWatchMode, operation.mode)}`;
    case "checkWatches":
    case "removeWatches":
      return `${op} ${operation.path} ${keyOf(WatcherType, operation.type)}`;
    case "getEphemerals":
      return `${op} ${operation.prefixPath}`;
    case "multi":
    case "multiRead": {
      const members: readonly (MultiOperation | MultiReadOperation)[] = operation.operations;
      return [op, ...members.map((member) => `[${describeOperation(member)}]`)].join(" ");
    }
    default:
      return "path" in operation ? `${op} ${operation.path}` : op;
  }
}

/** What is short as it is, else how long it is. */
export function describeData(data: Uint8Array | null): string {
  if (data === null) return "null";
  return data.length > 40 ? `${data.length} bytes` : JSON.stringify(Buffer.from(data).toString());
}

export function describeAcl(acl: readonly Acl[]): string {
  const entries = acl.map(({ perms, id }) => `${id.scheme}:${id.id}=${letters(perms)}`);
  return entries.length === 0 ? "nobody" : entries.join("+");
}

function letters(perms: number): string {
  const known = [
    ["r", Permission.read],
    ["w", Permission.write],
    ["c", Permission.create],
    ["d", Permission.delete],
    ["a", Permission.admin],
  ] as const;
  const set = known.filter(([, bit]) => (perms & bit) !== 0).map(([letter]) => letter);
  return perms >= 0 && perms <= Permission.all ? set.join("") : String(perms);
}

function aclUnlessOpen(acl: readonly Acl[]): readonly string[] {
  const text = describeAcl(acl);
  return text === "world:anyone=rwcda" ? [] : [text];
}

function versionUnlessAny(version: number): readonly string[] {
  return version === -1 ? [] : [`if version ${version}`];
}

function keyOf(table: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(table).find(([, known]) => known === value)?.[0] ?? `mode ${value}`;
}
