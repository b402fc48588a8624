import { run } from "./program.ts";
import { quietBrokenPipe } from "./shared/broken-pipe.ts";

quietBrokenPipe();
process.exitCode = await run(process.argv.slice(2));
