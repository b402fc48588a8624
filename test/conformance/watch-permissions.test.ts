import { watchPermissions } from "./suite/watch-permissions.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("watch-permissions", watchPermissions);
