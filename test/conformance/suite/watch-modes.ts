import { a, b, c, type Script, type Step, script } from "../support/steps.ts";

/**
 * A session has one mode for a path in each of the server's two tables, data and children. Servers of 3.8 let a later watch of another mode
 * take its place (ZOOKEEPER-4466), and removals are as coarse (ZOOKEEPER-4471). Clients have to live with it, so the suite pins it down.
 */
const kinds = {
  exists: b.exists("/n", "watched"),
  data: b.get("/n", "watched"),
  children: b.children("/n", "watched"),
  persistent: b.addWatch("/n", "persistent"),
  recursive: b.addWatch("/n", "recursive"),
} as const;
type Kind = keyof typeof kinds;

const allKinds = Object.keys(kinds) as readonly Kind[];

/** Twice, so that it shows which watches stay. */
const changes: readonly Step[] = [1, 2].flatMap((round) => [
  a.set("/n", `${round}`),
  a.create("/n/child"),
  a.set("/n/child", `${round}`),
  a.delete("/n/child"),
]);

const goneAndBack: readonly Step[] = [a.delete("/n"), a.create("/n"), a.set("/n", "back"), a.delete("/n")];

const pairs = allKinds.flatMap((first) => allKinds.map((second) => [first, second] as const));

export const watchModes: readonly Script[] = [
  ...pairs
    .filter(([first, second]) => first !== second)
    .map(([first, second]) =>
      script(`${first}, then ${second}`, a.create("/n"), kinds[first], kinds[second], changes, goneAndBack),
    ),
  ...allKinds.map((kind) =>
    script(
      `${kind} is asked for and removed`,
      a.create("/n"),
      kinds[kind],
      b.checkWatches("/n", "any"),
      b.checkWatches("/n", "data"),
      b.checkWatches("/n", "children"),
      c.checkWatches("/n", "any"),
      c.removeWatches("/n", "any"),
      b.removeWatches("/n", "children"),
      changes,
      kinds[kind],
      b.removeWatches("/n", "data"),
      changes,
      kinds[kind],
      b.removeWatches("/n", "any"),
      b.removeWatches("/n", "any"),
      b.checkWatches("/n", "any"),
      changes,
    ),
  ),
  script(
    "watches that are not there",
    b.checkWatches("/n", "any"),
    b.removeWatches("/n", "any"),
    b.removeWatches("/n", "data"),
    b.removeWatches("/n", "children"),
    a.create("/n"),
    b.removeWatches("/n", "any"),
    b.addWatch("/", "recursive"),
    b.removeWatches("/n", "any"),
    b.request({ op: "removeWatches", path: "/", type: 9 }),
    b.request({ op: "checkWatches", path: "/", type: 0 }),
    b.request({ op: "addWatch", path: "/", mode: 7 }),
    a.set("/n", "1"),
  ),
  script(
    "a recursive watch is covered by the one above, and covers the one below",
    b.addWatch("/", "recursive"),
    b.addWatch("/n", "recursive"),
    a.create("/n"),
    a.create("/n/child"),
    b.removeWatches("/n", "any"),
    a.set("/n/child", "1"),
    b.removeWatches("/", "any"),
    a.set("/n/child", "2"),
  ),
  script(
    "a one-shot watch below a recursive one",
    a.create("/n"),
    b.addWatch("/", "recursive"),
    b.exists("/n", "watched"),
    b.children("/n", "watched"),
    a.set("/n", "1"),
    a.create("/n/child"),
    a.create("/n/second"),
    a.set("/n", "2"),
  ),
];
