import { a, b, type Script, type Step, script } from "../support/steps.ts";

/** What happens while `b` has no connection; its driver sets its watches again, counting from the last transaction it has seen. */
const meanwhile: Readonly<Record<string, readonly Step[]>> = {
  nothing: [],
  "the data changes": [a.set("/n", "1")],
  "the data changes twice": [a.set("/n", "1"), a.set("/n", "2")],
  "the access control list changes": [a.setAcl("/n", [{ perms: 31, id: { scheme: "world", id: "anyone" } }])],
  "a child comes": [a.create("/n/child")],
  "a child comes and goes": [a.create("/n/child"), a.delete("/n/child")],
  "a child changes": [a.set("/n/old", "1")],
  "it goes": [a.delete("/n/old"), a.delete("/n")],
  "it goes and comes again": [a.delete("/n/old"), a.delete("/n"), a.create("/n")],
  "what was missing comes": [a.create("/missing")],
  "what was missing comes and goes": [a.create("/missing"), a.delete("/missing")],
};

const afterwards: readonly Step[] = [
  a.set("/n", "after"),
  a.create("/n/after"),
  a.create("/missing"),
  a.set("/missing", "after"),
];

const watched = {
  "one-shot watches": [
    b.exists("/missing", "watched"),
    b.exists("/n", "watched"),
    b.get("/n", "watched"),
    b.children("/n", "watched"),
  ],
  "an exists watch": [b.exists("/n", "watched"), b.exists("/missing", "watched")],
  "a data watch": [b.get("/n", "watched")],
  "a children watch": [b.children("/n", "watched")],
  "lasting watches": [b.addWatch("/n", "persistent"), b.addWatch("/missing", "recursive")],
} as const;

export const reconnects: readonly Script[] = [
  ...Object.entries(watched).flatMap(([what, steps]) =>
    Object.entries(meanwhile).map(([happening, changes]) =>
      script(`${what}, and ${happening}`, a.create("/n"), a.create("/n/old"), steps, b.away(...changes), afterwards),
    ),
  ),
  script(
    "watches used up or removed before are not set again",
    a.create("/n"),
    b.get("/n", "watched"),
    a.set("/n", "1"),
    b.children("/n", "watched"),
    b.removeWatches("/n", "children"),
    b.addWatch("/n", "persistent"),
    b.removeWatches("/n", "any"),
    b.away(a.set("/n", "2")),
    a.set("/n", "3"),
    a.create("/n/child"),
  ),
  script(
    "ephemeral znodes stay",
    b.create("/e", { mode: "ephemeral" }),
    a.exists("/e", "watched"),
    b.away(a.exists("/e")),
    a.exists("/e"),
    b.ephemerals("/"),
    b.set("/e", "1"),
  ),
];
