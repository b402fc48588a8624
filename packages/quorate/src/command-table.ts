import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** Only the command that is called is loaded: the others would cost time at every start. */
  readonly load: () => Promise<Command>;
}

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

export const commandGroups: readonly CommandGroup[] = [
  {
    title: "Tree:",
    commands: [
      {
        name: "ls",
        summary: "List the children of a znode",
        load: async () => (await import("./commands/ls.ts")).ls(),
      },
      {
        name: "tree",
        summary: "Show a znode and everything below it",
        load: async () => (await import("./commands/tree.ts")).tree(),
      },
      { name: "get", summary: "Print a znode's data", load: async () => (await import("./commands/get.ts")).get() },
      { name: "set", summary: "Write a znode's data", load: async () => (await import("./commands/set.ts")).set() },
      { name: "create", summary: "Create a znode", load: async () => (await import("./commands/create.ts")).create() },
      { name: "delete", summary: "Delete a znode", load: async () => (await import("./commands/delete.ts")).remove() },
      {
        name: "stat",
        summary: "Show a znode's metadata",
        load: async () => (await import("./commands/stat.ts")).stat(),
      },
      {
        name: "acl",
        summary: "Show or replace a znode's access control list",
        load: async () => (await import("./commands/acl.ts")).acl(),
      },
      {
        name: "watch",
        summary: "Follow what happens to a znode and below it",
        load: async () => (await import("./commands/watch.ts")).watch(),
      },
      {
        name: "export",
        summary: "Write a subtree as JSON",
        load: async () => (await import("./commands/export.ts")).exportTree(),
      },
      {
        name: "import",
        summary: "Create or update a subtree from JSON",
        load: async () => (await import("./commands/import.ts")).importTree(),
      },
    ],
  },
  {
    title: "Recipes:",
    commands: [
      {
        name: "lock",
        summary: "Run a command while holding a lock",
        load: async () => (await import("./commands/lock.ts")).lock(),
      },
      {
        name: "locks",
        summary: "Show who holds a lock and who waits for it",
        load: async () => (await import("./commands/locks.ts")).locks(),
      },
      {
        name: "lead",
        summary: "Run a command while being the leader",
        load: async () => (await import("./commands/lead.ts")).lead(),
      },
      {
        name: "leader",
        summary: "Show who leads and who stands by",
        load: async () => (await import("./commands/leader.ts")).leader(),
      },
      {
        name: "register",
        summary: "Register a service while a command runs",
        load: async () => (await import("./commands/register.ts")).register(),
      },
      {
        name: "services",
        summary: "Show services and their instances",
        load: async () => (await import("./commands/services.ts")).services(),
      },
      {
        name: "config",
        summary: "Configuration: read, change, follow, take back",
        load: async () => (await import("./commands/config.ts")).config(),
      },
      { name: "alive", summary: "Show who is alive", load: async () => (await import("./commands/alive.ts")).alive() },
    ],
  },
  {
    title: "Servers:",
    commands: [
      {
        name: "demo",
        summary: "See it work: processes that share a lock, a leader, a setting, a service",
        load: async () => (await import("./commands/demo.ts")).demo(),
      },
      {
        name: "status",
        summary: "Show each server, and whether there is a quorum",
        load: async () => (await import("./commands/status.ts")).status(),
      },
      {
        name: "ensemble",
        summary: "Set up ZooKeeper servers: on this machine, or files for others",
        load: async () => (await import("./commands/ensemble.ts")).ensemble(),
      },
      {
        name: "doctor",
        summary: "Look for what is wrong between here and the servers",
        load: async () => (await import("./commands/doctor.ts")).doctor(),
      },
    ],
  },
];
