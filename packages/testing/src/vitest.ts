import { type TestAPI, test as vitestTest } from "vitest";
import { TestZooKeeper, type TestZooKeeperOptions } from "./embedded/harness/test-zookeeper.ts";

/** What tests made with `zookeeperTest` are given. */
export interface ZooKeeperFixtures {
  /** ZooKeeper for the tests of this file. */
  zookeeper: TestZooKeeper;
  /** Fails each test that leaves sessions, watches or ephemeral znodes behind, whether or not it uses `zookeeper`. */
  zookeeperLeaks: void;
}

/**
 * vitest's `test` with a ZooKeeper for each test file: a server of its own, or with `shared` a chroot of its own on another one.
 *
 * ```ts
 * const test = zookeeperTest();
 * test("creates", async ({ zookeeper }) => {
 *   await using client = await zookeeper.connect();
 *   await client.create("/a");
 * });
 * ```
 *
 * A test that leaves a session, a watch or an ephemeral znode behind fails with LeakError; what was there before it began, such as a
 * client opened in `beforeAll`, does not count. Not for `test.concurrent`.
 *
 * @param options a function is asked once for each file, such as one that calls vitest's `inject`
 */
export function zookeeperTest(
  options: TestZooKeeperOptions | (() => TestZooKeeperOptions) = {},
): TestAPI<ZooKeeperFixtures> {
  return vitestTest.extend<ZooKeeperFixtures>({
    zookeeper: [
      // oxlint-disable-next-line no-empty-pattern -- vitest reads the fixtures that are needed off the pattern
      async ({}, use) => {
        const zookeeper = await TestZooKeeper.open(typeof options === "function" ? options() : options);
        try {
          await use(zookeeper);
        } finally {
          await zookeeper.close();
        }
      },
      { scope: "file" },
    ],
    zookeeperLeaks: [
      async ({ zookeeper }, use) => {
        const check = await zookeeper.checkLeaks();
        await use();
        await check.verify();
      },
      { auto: true },
    ],
  });
}

/** {@link zookeeperTest} with a server of its own for each file, and the defaults of EmbeddedServer. */
export const test: TestAPI<ZooKeeperFixtures> = zookeeperTest();
