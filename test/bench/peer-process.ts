/** A process with one client: runs the scenarios it is told by its parent, which takes turns among the clients. */
import { argv } from "node:process";
import type { Peer, PeerName } from "./peers/peer.ts";
import { type ScenarioName, scenarios } from "./scenarios.ts";

export interface RunScenario {
  readonly scenario: ScenarioName;
  readonly base: string;
}

const [name, servers = ""] = argv.slice(2);
const modules: Record<PeerName, () => Promise<{ openPeer(servers: string): Promise<Peer> }>> = {
  quorate: () => import("./peers/quorate.ts"),
  zookeeper: () => import("./peers/zookeeper.ts"),
  "node-zookeeper-client": () => import("./peers/node-zookeeper-client.ts"),
};

const peer = await (await modules[name as PeerName]()).openPeer(servers);
process.on("message", ({ scenario, base }: RunScenario) => {
  scenarios[scenario](peer, base).then(
    (sample) => process.send?.({ sample }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.send?.({ ready: true });
