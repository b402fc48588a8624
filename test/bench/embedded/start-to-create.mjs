// Starts the embedded server and creates a znode, as often as told; prints the milliseconds of each time on a line. Plain JavaScript over the
// built packages: what a fresh process costs a user.
import { connect } from "@quorate/core";
import { EmbeddedServer } from "@quorate/testing";

for (let round = 0; round < Number(process.argv[2]); round++) {
  const start = performance.now();
  const server = await EmbeddedServer.start();
  const client = await connect(server.connectString);
  await client.create("/first");
  console.log(performance.now() - start);
  await client.close();
  await server.stop();
}
