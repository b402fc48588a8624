import { afterEach, expect, test, vi } from "vitest";
import { ZooKeeperEnsemble } from "../../src/ensemble/ensemble.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ["JAVA_HOME", "/nonexistent"],
  ["ZOOKEEPER_HOME", "/nonexistent"],
])("without what %s names, the error says what to install", async (variable, value) => {
  vi.stubEnv(variable, value);
  const starting = ZooKeeperEnsemble.start({ provider: "process" });
  await expect(starting).rejects.toMatchObject({ code: "ENSEMBLE" });
  await expect(starting).rejects.toThrow(/apt-get install default-jre-headless libzookeeper-java/);
});
