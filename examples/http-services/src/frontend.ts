import { ServiceRegistry } from "@quorate/registry";
import { createDispatcher } from "@quorate/registry/undici";
import fastify from "fastify";
import { fetch } from "undici";
import { RunningService, type ServiceOptions } from "./running-service.ts";

/** The caller: knows its peer by name only. Which instance answers, and that a failing one is left out, is the dispatcher's business. */
export function startFrontend(options: Omit<ServiceOptions, "name" | "routes">): Promise<RunningService> {
  return RunningService.start(fastify(), {
    ...options,
    name: "frontend",
    routes: (app, client) => {
      const dispatcher = createDispatcher(new ServiceRegistry(client));
      app.addHook("onClose", () => dispatcher.close());
      app.get<{ Params: { name: string } }>("/hello/:name", async ({ params }) => {
        const url = `http://greetings.service/greet?name=${encodeURIComponent(params.name)}`;
        return (await fetch(url, { dispatcher })).json();
      });
    },
  });
}
