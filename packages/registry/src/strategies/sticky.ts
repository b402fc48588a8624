import { hash32, mixed } from "./hash.ts";
import type { Strategy } from "./strategy.ts";

/**
 * The same instance for the same key, in every process, by rendezvous hashing (Thaler and Ravishankar 1998): when one goes only its keys
 * move, and one that comes takes only the keys that are its own from then on. The key is given with each pick; without one it is the
 * discovered service's own, so that all its picks stay with one instance.
 */
export function sticky(): Strategy {
  return (candidates, { key, ownKey }) => {
    const keyHash = mixed(hash32(key ?? ownKey));
    let chosen = { index: 0, score: -1, path: "" };
    candidates.forEach(({ id, path }, index) => {
      const score = mixed(keyHash ^ hash32(id));
      // The order of the candidates must not decide.
      if (score > chosen.score || (score === chosen.score && path < chosen.path)) chosen = { index, score, path };
    });
    return chosen.index;
  };
}
