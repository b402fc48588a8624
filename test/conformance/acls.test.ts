import { acls } from "./suite/acls.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("acls", acls);
