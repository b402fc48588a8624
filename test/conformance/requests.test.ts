import { requests } from "./suite/requests.ts";
import { testWire } from "./support/wire-case.ts";

testWire("requests", requests);
