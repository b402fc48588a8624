import { join } from "node:path";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { isNativeExpected } from "./test/support/by-driver/expected.ts";

/** Tests run from the sources: the packages' `@quorate/source` export condition points there. */
const conditions = ["@quorate/source", "node", "import", "module", "default"];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** The same suites by another driver: what it cannot do is skipped, and says so. TLS and SASL it has not at all. */
const byNative: TestProjectConfiguration = {
  resolve: {
    conditions,
    alias: [
      {
        find: /^@quorate\/core$/,
        replacement: join(import.meta.dirname, "test/support/by-driver/core-by-native.ts"),
      },
    ],
  },
  ssr: { resolve: { conditions } },
  test: {
    name: "native",
    include: [
      "test/integration/{auth,caches,chroot,config,errors,leader,limits,liveness,lock,operations,registry-discover,registry-register,session,transactions,watches}*.test.ts",
      "test/native/**/*.test.ts",
    ],
    // Once in three whole runs its waiters were not all in line within 45 s on this driver; the cause is not known yet.
    exclude: ["test/integration/lock-semaphore.test.ts"],
    globalSetup: ["test/support/shared-ensemble.ts"],
    runner: "./test/support/by-driver/capability-runner.ts",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
};

export default defineConfig({
  test: {
    // Most of the time is spent waiting for servers; every file has servers or paths of its own.
    maxWorkers: 3,
    reporters: process.env["CI"] ? ["default", "json"] : ["default"],
    outputFile: { json: "test-results/vitest.json" },
    projects: [
      {
        ...shared,
        test: {
          name: "unit",
          include: [
            "packages/*/test/**/*.test.ts",
            "test/docs/**/*.test.ts",
            "test/chaos/*/**/*.test.ts",
            "examples/*/test/**/*.embedded.test.ts",
          ],
          // Of a machine with much else to do: a bound of what hangs, not of what is slow.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: "integration",
          include: ["test/{integration,examples}/**/*.test.ts"],
          globalSetup: ["test/support/shared-ensemble.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      ...(isNativeExpected ? [byNative] : []),
      {
        ...shared,
        test: {
          name: "embedded",
          include: [
            "test/integration/{lock,leader,liveness,registry,config}*.test.ts",
            "test/faults/{lock-losses,leader,liveness,leader-liveness-reaped,replies,expiry,freeze,registry}.test.ts",
            "test/faults/{config,config-storm}.test.ts",
            "test/embedded/**/*.test.ts",
          ],
          globalSetup: ["test/support/shared-embedded.ts"],
          provide: { servers: "embedded" },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "command",
          include: ["test/command/**/*.test.ts"],
          globalSetup: ["test/command/support/build.ts", "test/support/shared-ensemble.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "conformance",
          include: ["test/conformance/**/*.test.ts"],
          runner: "./test/support/by-driver/capability-runner.ts",
          globalSetup: ["test/conformance/support/real-cluster.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "interop",
          include: ["test/interop/**/*.test.ts"],
          globalSetup: ["test/support/shared-ensemble.ts", "test/interop/support/missing-peers.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "faults",
          include: ["test/faults/**/*.test.ts", "examples/*/test/**/*.ensemble.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "packaging",
          include: ["test/packaging/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
        },
      },
      {
        ...shared,
        test: {
          name: "processes",
          include: ["test/processes/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: "chaos",
          include: ["test/chaos/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
