import { transactions } from "./suite/transactions.ts";
import { testScripts } from "./support/test-scripts.ts";

testScripts("transactions", transactions);
