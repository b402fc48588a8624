import { addressOf } from "../../support/wire.ts";
import type { Feature } from "../targets.ts";
import { neededBy } from "./capabilities.ts";
import { perform } from "./perform.ts";
import type { Script } from "./steps.ts";
import { testTranscripts } from "./test-transcripts.ts";
import { transcribe } from "./transcript.ts";

/** Every script on every target that has the feature, and whose driver can: all must show what the reference has shown. */
export function testScripts(topic: string, scripts: readonly Script[], feature?: Feature): void {
  const cases = scripts.map((script) => ({ name: script.name, script, needs: neededBy(script) }));
  testTranscripts(topic, cases, feature, async ({ script }, { target, servers }) =>
    transcribe(await perform(script, target.driver(), addressOf(servers[0] as string))),
  );
}
