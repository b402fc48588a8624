import { stats } from "./suite/stats.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("stats", stats);
