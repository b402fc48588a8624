// @ts-check
/**
 * Runs a module of an example against the ensemble QUORATE_CONNECT names; without it, against an embedded server that lasts as long as the
 * example.
 *
 *   node ../run.mjs dist/main.js
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EmbeddedServer } from "@quorate/testing";

const [module] = process.argv.slice(2);
if (module === undefined) throw new Error("usage: node run.mjs <module>");
const server = process.env["QUORATE_CONNECT"] ? undefined : await EmbeddedServer.start();
if (server !== undefined) {
  console.log("QUORATE_CONNECT is not set: this runs on an embedded server");
  process.env["QUORATE_CONNECT"] = server.connectString;
}
try {
  const { main } = await import(pathToFileURL(resolve(module)).href);
  await main(process.env["QUORATE_CONNECT"]);
} finally {
  await server?.stop();
}
