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

    const { capabilities } = target.driver();
    const isAble = ({ needs = new Set() }: Case): boolean => [...needs].every((needed) => capabilities.has(needed));
    test.skipIf(!target.isOfRecordedVersion).each(cases.filter(isAble))("$name", async (example) => {
      const shown = await show(example, { target, servers: running.servers });
      if (writes) expected.set(example.name, shown);
      else expect(shown).toBe(expected.get(example.name));
    });
  });
}
