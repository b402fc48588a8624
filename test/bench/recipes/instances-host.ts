/** Keeps views of a service in memory, and tells what an instance takes there. */
import { connect } from "@quorate/core";
import { type Service, ServiceRegistry } from "@quorate/registry";
import { answer } from "./answering.ts";
import { growthOfEach, memory } from "./memory.ts";

async function keep(servers: string, basePath: string, instances: number): Promise<object> {
  await using client = await connect(servers);
  const viewOf = (directory: string): Promise<Service> =>
    new ServiceRegistry(client, { basePath: `${basePath}/${directory}` }).discover("orders");
  // What the first view brings besides its instances, such as code that is compiled.
  await using few = await viewOf("few");
  const before = memory();
  await using many = await viewOf("many");
  const seen = [few.instances.length, many.instances.length];
  if (seen[1] !== instances) throw new Error(`${seen.join(" and ")} instances`);
  return growthOfEach(before, memory(), instances);
}

await answer({ keep });
