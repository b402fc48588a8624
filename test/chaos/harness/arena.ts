import { type Client, connect } from "@quorate/core";
import type { ZooKeeperEnsemble } from "@quorate/testing";
import { type RecipeName, recipes } from "../history/records.ts";
import { evictionsOf, pathsOf } from "../worker/paths.ts";
import type { Settings } from "../worker/settings.ts";
import { Slot } from "./slot.ts";

export interface ArenaOptions {
  readonly ensemble: ZooKeeperEnsemble;
  readonly seed: number;
  readonly processes: number;
  readonly recipes: Settings["recipes"];
  readonly limit: number;
  readonly longHolds: number;
  readonly sessionTimeoutMs: number;
  /** For the logs. */
  readonly directory: string;
}

/** Where contenders meet: the ensemble, a directory of their own in it, and one who looks on. */
export class Arena implements AsyncDisposable {
  readonly ensemble: ZooKeeperEnsemble;
  /** On the members' own proxies, as the witnesses. */
  readonly observer: Client;
  readonly root: string;
  readonly slots: Slot[] = [];

  private constructor(ensemble: ZooKeeperEnsemble, observer: Client, root: string) {
    this.ensemble = ensemble;
    this.observer = observer;
    this.root = root;
  }

  /** Resolves when all contenders run. */
  static async open(options: ArenaOptions): Promise<Arena> {
    const { ensemble, seed, processes, directory, limit, longHolds, sessionTimeoutMs } = options;
    const observer = await connect(ensemble.connectString);
    const root = `/chaos-${seed}`;
    const arena = new Arena(ensemble, observer, root);
    try {
      await observer.create(root);
      await observer.create(evictionsOf(root));
      for (const recipe of recipes) {
        const { register, entries, claims } = pathsOf(root, recipe);
        for (const path of [register, entries, claims]) await observer.create(path);
      }
      for (let number = 1; number <= processes; number++) {
        const own = {
          seed: seed + number * 104_729,
          root,
          limit,
          longHolds,
          sessionTimeoutMs,
          recipes: options.recipes,
        };
        arena.slots.push(await Slot.open(`p${number}`, ensemble, directory, own));
      }
      await Promise.all(arena.slots.map((slot) => slot.started()));
      return arena;
    } catch (error) {
      await arena[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** One who is in the middle of a hold and may be hit, by the processes' own words. */
  holderOf(recipe: RecipeName): Slot | undefined {
    return this.slots.find(({ isBusy, process }) => !isBusy && process.holding((begun) => begun.recipe === recipe));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()));
    await this.observer.close();
  }
}
