import fastify from "fastify";
import { RunningService, type ServiceOptions } from "./running-service.ts";

/** The callee: greets. */
export function startGreetings(options: Omit<ServiceOptions, "name" | "routes">): Promise<RunningService> {
  return RunningService.start(fastify(), {
    ...options,
    name: "greetings",
    routes: (app) => {
      app.get<{ Querystring: { name?: string } }>("/greet", ({ query, socket }) => ({
        text: `Hello ${query.name ?? "you"}`,
        from: `port ${socket.localPort}`,
      }));
    },
  });
}
