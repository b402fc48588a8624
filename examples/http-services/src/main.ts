import { connect } from "@quorate/core";
import { ServiceRegistry } from "@quorate/registry";
import { startFrontend } from "./frontend.ts";
import { startGreetings } from "./greetings.ts";

/** Two instances of one service, another one that calls them, and a user who finds that one in the catalogue too. */
export async function main(servers: string): Promise<void> {
  await using first = await startGreetings({ servers });
  await using frontend = await startFrontend({ servers });
  await using user = await connect(servers);
  await using pages = await new ServiceRegistry(user).discover("frontend");
  await pages.waitFor({ atLeast: 1, timeoutMs: 10_000 });
  console.log(`greetings ${first.id} and frontend ${frontend.id} are up`);

  const greet = async (): Promise<string> => {
    const answer = await fetch(pages.resolve(undefined, { path: "hello/Ada" }));
    return JSON.stringify(await answer.json());
  };
  console.log(await greet());
  {
    await using second = await startGreetings({ servers });
    console.log(`greetings ${second.id} is up too`);
    for (let i = 0; i < 4; i += 1) console.log(await greet());
  }
  console.log("one of them has gone");
  console.log(await greet());
}
