import type { Client } from "../../src/client/client.ts";
import { connect } from "../../src/client/connect.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { Connected } from "../../src/driver/driver.ts";
import type { RandomSource } from "../../src/random.ts";
import { FakeDriver } from "./fake-driver.ts";
import { turns } from "./turns.ts";

/** No jitter; ids count up. */
export function steadyRandom(): RandomSource {
  let ids = 0;
  return { float: () => 0, uuid: () => `uuid${++ids}` };
}

export interface Opened {
  readonly client: Client;
  readonly driver: FakeDriver;
}

/** A client over a fake driver, connected to its first session. The session timeout is 10 s unless asked for otherwise. */
export async function openClient(
  options: ConnectOptions & { readonly servers?: string; readonly info?: Partial<Connected> } = {},
): Promise<Opened> {
  const { servers = "zk1,zk2", info, ...rest } = options;
  const driver = new FakeDriver();
  const connecting = connect(servers, { driver, random: steadyRandom(), ...rest });
  await turns();
  await driver.session.connect(info);
  return { client: await connecting, driver };
}
