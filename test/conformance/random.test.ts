import { allCapabilities } from "@quorate/core/driver";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressOf } from "../support/wire.ts";
import { randomSteps } from "./suite/random-steps.ts";
import { perform } from "./support/perform.ts";
import { script } from "./support/steps.ts";
import { transcribe } from "./support/transcript.ts";
import { type RunningTarget, type Target, targets } from "./targets.ts";

/** Another seed, and more runs, for a longer search. */
const seed = Number(process.env["QUORATE_SEED"] ?? 38);
const numRuns = Number(process.env["QUORATE_RUNS"] ?? 20);

/** Ends the search for a smaller counterexample in time to tell of the one there is. */
const searchBoundMs = 40_000;

const reference = targets.find(({ isReference, isOfRecordedVersion }) => isReference && isOfRecordedVersion);
// The steps ask for whatever a server offers: only a driver that can do it all is comparable.
const isAble = ({ driver }: Target): boolean => driver().capabilities.size === allCapabilities.size;
const others = targets.filter(isAble).filter(({ isReference }) => !isReference);

describe.skipIf(reference === undefined).each(others)("$name", (target) => {
  test(`does whatever it is asked as the reference does, seed ${seed}`, async () => {
    await using expected = await (reference as Target).start();
    await using running = await target.start();
    await fc.assert(
      fc.asyncProperty(randomSteps, async (steps) => {
        const random = script("random", steps);
        const run = async (on: Target, { servers }: RunningTarget): Promise<string> =>
          transcribe(await perform(random, on.driver(), addressOf(servers[0] as string)), { endsAreUnordered: true });
        const [wanted, shown] = await Promise.all([run(reference as Target, expected), run(target, running)]);
        expect(shown).toBe(wanted);
      }),
      { seed, numRuns, plugins: [fc.interruptAfterTimeLimit(searchBoundMs)] },
    );
  });
});
