/** A ZooKeeper client under measurement, reduced to what the rounds need. */
export interface Peer {
  get(path: string): Promise<unknown>;
  set(path: string, data: Buffer): Promise<unknown>;
  create(path: string, data: Buffer): Promise<unknown>;
  delete(path: string): Promise<unknown>;
  /** Reads and leaves a one-shot data watch; `changed` is called when it fires. */
  watch(path: string, changed: () => void): Promise<unknown>;
}

export const peerNames = ["quorate", "zookeeper", "node-zookeeper-client"] as const;

export type PeerName = (typeof peerNames)[number];
