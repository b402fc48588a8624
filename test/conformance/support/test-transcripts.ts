import type { Capability } from "@quorate/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Feature, type RunningTarget, type Target, targets } from "../targets.ts";
import { TranscriptFile } from "./transcript-file.ts";

/** Set to write down what the reference shows, instead of comparing with it. */
const isRecording = Boolean(process.env["QUORATE_RECORD"]);

export interface Running {
  readonly target: Target;
  /** `host:port` of each server. */
  readonly servers: readonly string[];
}

export interface TranscriptCase {
  readonly name: string;
  /** Of the driver; default nothing. */
  readonly needs?: ReadonlySet<Capability>;
}

/** Why the case cannot be shown on this target; said in the name of the skipped test. */
function obstacleTo({ name, needs = new Set() }: TranscriptCase, target: Target): string | undefined {
  if (!target.isOfRecordedVersion) return "written for another version";
  const { capabilities } = target.driver();
  const missing = [...needs].filter((needed) => !capabilities.has(needed));
  if (missing.length > 0) return `needs ${missing.join(", ")}`;
  return target.differs?.[name];
}

/** Every case on every target that has the feature: what it shows must be what the reference has shown when the transcripts were written. */
export function testTranscripts<Case extends TranscriptCase>(
  topic: string,
  cases: readonly Case[],
  feature: Feature | undefined,
  show: (example: Case, running: Running) => Promise<string>,
): void {
  const expected = new TranscriptFile(topic);
  const names = cases.map(({ name }) => name);

  test(`${topic}: one transcript for each case`, () => {
    expect(new Set(names).size).toBe(names.length);
    if (!isRecording) expect(expected.names).toEqual(names);
  });

  const able = targets.filter(({ features }) => feature === undefined || features.has(feature));
  describe.each(able)(`$name: ${topic}`, (target) => {
    const writes = isRecording && target.isReference && target.isOfRecordedVersion;
    let running: RunningTarget;

    beforeAll(async () => {
      running = await target.start();
    });

    afterAll(async () => {
      await running?.[Symbol.asyncDispose]();
      if (writes) expected.save(names);
    });

    for (const example of cases) {
      const obstacle = obstacleTo(example, target);
      test.skipIf(obstacle !== undefined)(
        obstacle === undefined ? example.name : `${example.name} (${obstacle})`,
        async () => {
          const shown = await show(example, { target, servers: running.servers });
          if (writes) expected.set(example.name, shown);
          else expect(shown).toBe(expected.get(example.name));
        },
      );
    }
  });
}
