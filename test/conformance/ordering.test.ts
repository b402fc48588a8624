import { ordering } from "./suite/ordering.ts";
import { testWire } from "./support/wire-case.ts";

testWire("ordering", ordering);
