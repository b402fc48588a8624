import type { History } from "../history/history.ts";
import { books } from "./books.ts";
import { endings } from "./endings.ts";
import { exclusion } from "./exclusion.ts";
import { fencing } from "./fencing.ts";
import { tokens } from "./tokens.ts";

const rules = { exclusion, tokens, fencing, books, endings } as const;
export type RuleName = keyof typeof rules;

export interface Violation {
  readonly rule: RuleName;
  readonly what: string;
}

/** All that is wrong with a history. Pure. */
export function check(history: History): Violation[] {
  return (Object.keys(rules) as RuleName[]).flatMap((rule) => rules[rule](history).map((what) => ({ rule, what })));
}
