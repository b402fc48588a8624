import { handshakes, moves } from "./suite/handshakes.ts";
import { testWire } from "./support/wire-case.ts";

testWire("handshakes", handshakes);
testWire("moves", moves, "members");
