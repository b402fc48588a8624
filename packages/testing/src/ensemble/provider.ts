import { EnsembleError } from "../errors.ts";
import type { Backend } from "./backend.ts";
import { dockerAnswers, startDockerBackend } from "./docker-backend.ts";
import type { EnsemblePlan, EnsembleProvider } from "./options.ts";

/** Starts the members by the provider asked for. */
export async function startBackend(plan: EnsemblePlan): Promise<Backend> {
  const provider = plan.provider === "auto" ? await choose() : plan.provider;
  if (provider === "docker") return startDockerBackend(plan);
  throw new EnsembleError("not yet");
}

async function choose(): Promise<EnsembleProvider> {
  if (await dockerAnswers()) return "docker";
  return "process";
}
