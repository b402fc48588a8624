/**
 * What a server that holds data for longer than a test should have in its zoo.cfg, beside its directories, ports and peers. ZooKeeper
 * Administrator's Guide, "Configuration Parameters".
 */
export const standingSettings: Readonly<Record<string, string | number>> = {
  tickTime: 2000,
  initLimit: 10,
  syncLimit: 5,
  // Snapshots and logs are kept for ever otherwise.
  "autopurge.snapRetainCount": 5,
  "autopurge.purgeInterval": 24,
  maxClientCnxns: 200,
  "4lw.commands.whitelist": "srvr,mntr,ruok,conf,isro",
  // Its port 8080 is taken on most machines.
  "admin.enableServer": "false",
};
