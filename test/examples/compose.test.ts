import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const file = "examples/compose/compose.yaml";
const { services, volumes } = parse(readFileSync(file, "utf8"), { merge: true });

test("every member of the compose file's ensemble knows all of them, by the number it has itself", () => {
  const members = Object.keys(services).filter((name) => name.startsWith("zk"));
  expect(members).toHaveLength(3);
  for (const [index, name] of members.entries()) {
    const { ZOO_MY_ID: id, ZOO_SERVERS: list } = services[name].environment;
    expect(id).toBe(index + 1);
    expect(list.split(" ")).toEqual(members.map((member, i) => `server.${i + 1}=${member}:2888:3888;2181`));
    for (const volume of services[name].volumes) expect(volumes).toHaveProperty(volume.split(":")[0]);
  }
});

test("its services are built from what is there, and connect to all members", () => {
  for (const name of ["greetings", "frontend"]) {
    const { build, command, environment } = services[name];
    expect(existsSync(resolve(dirname(file), build.context, build.dockerfile))).toBe(true);
    expect(command).toEqual(["node", "dist/serve.js", name]);
    expect(environment.QUORATE_CONNECT).toBe("zk1:2181,zk2:2181,zk3:2181");
  }
});
