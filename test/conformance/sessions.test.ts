import { saslSessions, sessions } from "./suite/sessions.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("sessions", sessions);
testScripts("sasl", saslSessions, "sasl");
