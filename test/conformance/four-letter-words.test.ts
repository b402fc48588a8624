import { fourLetterWords } from "./suite/four-letter-words.ts";
import { testWire } from "./support/wire-case.ts";

testWire("four-letter-words", fourLetterWords);
