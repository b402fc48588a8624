import { watchModes } from "./suite/watch-modes.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("watch-modes", watchModes);
