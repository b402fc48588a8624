// @ts-check
/**
 * What a driver has to do on a Node.js version to count as running on it: a session, znodes, a watch and a lock, with the packages as they are
 * published, on an embedded server.
 *
 *   smoke.mjs wire|native <folder whose node_modules has the binding for this Node.js>
 */
import assert from "node:assert/strict";
import { createRequire, Module } from "node:module";
import { join } from "node:path";
import { connect, wireDriver } from "@quorate/core";
import { Mutex } from "@quorate/lock";
import { native } from "@quorate/native";
import { EmbeddedServer } from "@quorate/testing";

const [by, folder = ""] = process.argv.slice(2);
if (by === "native") useBindingOf(folder);

const server = await EmbeddedServer.start();
const client = await connect(server.connectString, { driver: by === "native" ? native() : wireDriver() });
const { stat } = await client.create("/a", "one");
const watch = client.watch("/a");
await watch.ready;
await client.set("/a", "two", { version: stat.version });
for await (const event of watch) {
  assert.equal(event.type, "dataChanged");
  break;
}
assert.equal(Buffer.from((await client.get("/a")).data ?? []).toString(), "two");
const lease = await new Mutex(client, "/lock").acquire();
lease.assertHeld();
await lease.release();
await client.delete("/a");
await client.close();
await server.stop();

/** The one in this repository is compiled for the Node.js it was installed with. @param {string} place */
function useBindingOf(place) {
  const require = createRequire(join(place, "package.json"));
  const name = "zookeeper";
  const path = require.resolve(name);
  const resolve = /** @type {any} */ (Module)._resolveFilename;
  /** @type {any} */ (Module)._resolveFilename = (/** @type {unknown[]} */ ...args) =>
    args[0] === name ? path : resolve(...args);
}
