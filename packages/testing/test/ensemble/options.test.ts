import { afterEach, expect, test, vi } from "vitest";
import { type EnsembleOptions, planEnsemble } from "../../src/ensemble/options.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("the defaults: three voting members, Docker Hub's image", () => {
  vi.stubEnv("ZK_IMAGE", undefined);
  expect(planEnsemble({})).toMatchObject({
    members: [1, 2, 3].map((id) => ({ id, role: "participant" })),
    provider: "auto",
    image: "zookeeper:3.9",
    tickTimeMs: 500,
    hasTls: false,
  });
});

test("ZK_IMAGE names the image unless the option does", () => {
  vi.stubEnv("ZK_IMAGE", "mirror/zookeeper:1");
  expect(planEnsemble({}).image).toBe("mirror/zookeeper:1");
  expect(planEnsemble({ image: "other" }).image).toBe("other");
});

test("observers follow the voting members", () => {
  const { members } = planEnsemble({ nodes: 2, observers: 2 });
  expect(members.map(({ id, role }) => `${id} ${role}`)).toEqual([
    "1 participant",
    "2 participant",
    "3 observer",
    "4 observer",
  ]);
});

test("tls becomes files and settings, which config may override", () => {
  const tls = { key: "KEY\n", cert: "CERT", ca: "CA", clientAuth: "need" } as const;
  const plan = planEnsemble({ tls, config: { "ssl.protocol": "TLSv1.3", "ssl.clientAuth": "want" } });
  expect(plan.hasTls).toBe(true);
  expect(plan.files).toEqual({ "server.pem": "KEY\nCERT\n", "ca.pem": "CA" });
  expect(plan.config).toMatchObject({
    serverCnxnFactory: "org.apache.zookeeper.server.NettyServerCnxnFactory",
    "ssl.keyStore.location": "${confDir}/server.pem",
    "ssl.protocol": "TLSv1.3",
    "ssl.clientAuth": "want",
  });
});

test.each<[EnsembleOptions, RegExp]>([
  [{ nodes: 0 }, /^nodes must be .* not 0$/],
  [{ nodes: 2.5 }, /^nodes/],
  [{ observers: -1 }, /^observers/],
  [{ tickTimeMs: Number.NaN }, /^tickTimeMs/],
  [{ startTimeoutMs: 0 }, /^startTimeoutMs/],
  [{ provider: "podman" as never }, /^provider .*"podman"/],
  [{ config: { "a=b": "c" } }, /^config: "a=b"/],
  [{ config: { secret: "one\ntwo" } }, /^config: the value of secret must be one line$/],
  [{ systemProperties: { a: "b c" } }, /^systemProperties: the value of a must be without white space$/],
  [{ files: { "../escape": "" } }, /^files: "..\/escape"/],
  [{ files: { "..": "" } }, /^files/],
  [{ files: { "zoo.cfg": "" } }, /^files: "zoo.cfg"/],
])("%j is refused at once", (options, message) => {
  expect(() => planEnsemble(options)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  expect(() => planEnsemble(options)).toThrow(message);
});
