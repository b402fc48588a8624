/**
 * One service as a process of its own, until SIGTERM or SIGINT:
 *
 *   QUORATE_CONNECT=zk1:2181 HOST=0.0.0.0 PORT=8080 node dist/serve.js greetings | frontend
 */
import { once } from "node:events";
import { startFrontend } from "./frontend.ts";
import { startGreetings } from "./greetings.ts";

const services = { greetings: startGreetings, frontend: startFrontend };
const start = services[process.argv[2] as keyof typeof services];
if (start === undefined) throw new Error("usage: node dist/serve.js greetings | frontend");

const { QUORATE_CONNECT: servers = "127.0.0.1:2181", HOST: host = "127.0.0.1", PORT: port = "0" } = process.env;
await using service = await start({ servers, host, port: Number(port) });
console.log(`${process.argv[2]} ${service.id} is up`);
await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
console.log("going");
