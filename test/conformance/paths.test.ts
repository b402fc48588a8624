import { paths } from "./suite/paths.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("paths", paths);
