import { fileURLToPath } from "node:url";
import { Actors } from "./actors.ts";
import { PeerProcess } from "./peer-process.ts";

const script = fileURLToPath(new URL("../python/peer.py", import.meta.url));

/** By the distribution's interpreter, which its kazoo is installed for; without leaving byte code beside the sources. */
export function startKazoo(): Actors {
  return new Actors(new PeerProcess("/usr/bin/python3", ["-B", script]));
}
