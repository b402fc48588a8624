import type { EnsembleProvider } from "@quorate/testing";
import { findJavaRuntime } from "../../packages/testing/src/ensemble/java-runtime.ts";
import { provider as chosen } from "./ensembles.ts";

/** The provider the tests are told to use, which must work, and local processes where there is what they need. */
export async function providersHere(): Promise<readonly EnsembleProvider[]> {
  const hasJava = (await findJavaRuntime()) !== undefined;
  const isHere = { docker: chosen !== "process", process: chosen === "process" || hasJava };
  return (["docker", "process"] as const).filter((provider) => isHere[provider]);
}
