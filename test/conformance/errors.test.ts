import { errors } from "./suite/errors.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("errors", errors);
