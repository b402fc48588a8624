import { creation } from "./suite/creation.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("creation", creation);
