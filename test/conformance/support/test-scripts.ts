import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf } from "../../support/wire.ts";
import { type Feature, type RunningTarget, targets } from "../targets.ts";
import { perform } from "./perform.ts";
import type { Script } from "./steps.ts";
import { transcribe } from "./transcript.ts";
import { TranscriptFile } from "./transcript-file.ts";

/** Set to write down what the reference shows, instead of comparing with it. */
const isRecording = Boolean(process.env["QUORATE_RECORD"]);

/**
 * Every script on every target that has the feature: what it shows must be what the reference has shown when the transcripts were written.
 */
export function testScripts(topic: string, scripts: readonly Script[], feature?: Feature): void {
  const expected = new TranscriptFile(topic);
  const names = scripts.map(({ name }) => name);

  test(`${topic}: one transcript for each script`, () => {
    expect(new Set(names).size).toBe(names.length);
    if (!isRecording) expect(expected.names).toEqual(names);
  });

  const able = targets.filter(({ features }) => feature === undefined || features.has(feature));
  describe.each(able)(`$name: ${topic}`, (target) => {
    const writes = isRecording && target.isReference;
    let running: RunningTarget;

    beforeAll(async () => {
      running = await target.start();
    });

    afterAll(async () => {
      await running?.[Symbol.asyncDispose]();
      if (writes) expected.save(names);
    });

    test.each(scripts)("$name", async (script) => {
      const shown = transcribe(await perform(script, target.driver(), addressOf(running.servers[0] as string)));
      if (writes) expected.set(script.name, shown);
      else expect(shown).toBe(expected.get(script.name));
    });
  });
}
