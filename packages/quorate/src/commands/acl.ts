import type { Command } from "commander";
import { doingConnected, serverCommand } from "../shared/command.ts";
import { parseVersion } from "../shared/duration.ts";
import { safeLine } from "../shared/safe-text.ts";

interface Options {
  readonly set?: string;
  readonly version?: number;
}

export function acl(): Command {
  const command = serverCommand(
    {
      name: "acl",
      arguments: [["<path>", ""]],
      summary: "Show or replace a znode's access control list",
      details:
        "Entries are scheme:id:perms as in ZooKeeper's own command line; perms are c(reate) d(elete) r(ead) w(rite) a(dmin). For --set also: open (anyone, anything), read (anyone, reading), creator (whoever --auth-file names, anything).",
      examples: [
        ["acl /config", "who may do what"],
        ["acl /config --set world:anyone:r,digest:ops:HASH=:cdrwa", "replace it"],
        ["acl /config --set creator --auth-file ops.auth", "to those identities alone"],
      ],
    },
    (own) =>
      own
        .option("--set <acl>", "replace the list")
        .option("--version <number>", "only if the list still has this version", parseVersion),
  );
  return doingConnected<[string], Options>(command, async ({ client, out, signal }, [path], options) => {
    const { aclText, parseAcl } = await import("../shared/acl-text.ts");
    const { set, version } = options;
    if (set !== undefined) {
      await client.setAcl(path, parseAcl(set), { signal, ...(version === undefined ? {} : { version }) });
    }
    const { acl: entries, stat } = await client.getAcl(path, { signal });
    const texts = entries.map(aclText);
    out.result({ path, acl: texts, version: stat.aversion }, () => {
      for (const text of texts) out.line(safeLine(text));
    });
  });
}
