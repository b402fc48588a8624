import { reconnects } from "./suite/reconnects.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("reconnects", reconnects);
