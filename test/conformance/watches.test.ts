import { watches } from "./suite/watches.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("watches", watches);
