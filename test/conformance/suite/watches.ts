import { ann, forAnn } from "../support/acls.ts";
import { a, b, c, member, type Script, type Step, script } from "../support/steps.ts";

/** Everything that can happen to `/n`, its parent and its child. */
const everyChange: readonly Step[] = [
  a.create("/n", { data: "0" }),
  a.set("/n", "1"),
  a.set("/n", "2"),
  a.setAcl("/n", [{ perms: 31, id: { scheme: "world", id: "anyone" } }]),
  a.create("/n/child"),
  a.set("/n/child", "1"),
  a.create("/n/child/leaf"),
  a.create("/other"),
  a.delete("/n/child/leaf"),
  a.delete("/n/child"),
  a.create("/n/second"),
  a.delete("/n/second"),
  a.delete("/n"),
  a.create("/n"),
  a.delete("/n"),
];

const again = (watch: Step): readonly Step[] => everyChange.flatMap((change) => [watch, change]);

export const watches: readonly Script[] = [
  script("exists, once", again(b.exists("/n", "watched"))),
  script("getData, once", again(b.get("/n", "watched"))),
  script("getChildren, once", again(b.children("/n", "watched"))),
  script("getChildren of the parent, once", again(b.children1("/", "watched"))),
  script(
    "all three at once",
    again(b.exists("/n", "watched")).flatMap((step) =>
      step.do === "request" && step.operation.op === "exists"
        ? [step, b.get("/n", "watched"), b.children("/n", "watched")]
        : [step],
    ),
  ),
  script("persistent", b.addWatch("/n", "persistent"), everyChange),
  script("recursive", b.addWatch("/n", "recursive"), everyChange),
  script("recursive from above", b.addWatch("/", "recursive"), everyChange),
  script("persistent on the parent", b.addWatch("/", "persistent"), everyChange),
  script(
    "persistent and recursive on different paths of one branch",
    b.addWatch("/", "recursive"),
    b.addWatch("/n", "persistent"),
    b.addWatch("/n/child", "recursive"),
    everyChange,
  ),
  script(
    "one session's own changes",
    a.addWatch("/n", "persistent"),
    a.exists("/other", "watched"),
    a.children("/", "watched"),
    everyChange,
  ),
  script(
    "one event for one change, however often it is watched",
    a.create("/n"),
    b.exists("/n", "watched"),
    b.exists("/n", "watched"),
    b.get("/n", "watched"),
    b.children("/n", "watched"),
    a.delete("/n"),
    a.create("/n"),
    a.delete("/n"),
  ),
  script(
    "each session its own",
    a.create("/n"),
    b.exists("/n", "watched"),
    c.get("/n", "watched"),
    a.get("/n", "watched"),
    b.set("/n", "1"),
    c.addWatch("/n", "persistent"),
    b.set("/n", "2"),
    c.close(),
    b.set("/n", "3"),
  ),
  script(
    "what leaves no watch",
    b.get("/n", "watched"),
    b.children("/n", "watched"),
    b.exists("/n"),
    a.create("/n"),
    b.get("/n"),
    b.children("/n"),
    a.set("/n", "1"),
    a.create("/n/child"),
    a.set("/n", "2", 9),
    a.delete("/n"),
    a.multi(member.delete("/n/child"), member.check("/n", 9)),
  ),
  script(
    "a watch on what one may not read",
    a.open({ credentials: [{ scheme: "digest", credential: Buffer.from(ann) }] }),
    a.create("/n", { acl: [forAnn()] }),
    b.get("/n", "watched"),
    b.exists("/n", "watched"),
    a.set("/n", "1"),
    b.addWatch("/n", "recursive"),
    a.create("/n/child", { acl: [forAnn()] }),
    a.set("/n", "2"),
  ),
  script(
    "ephemeral znodes that go with their session",
    a.create("/e", { mode: "ephemeral" }),
    b.exists("/e", "watched"),
    b.children("/", "watched"),
    c.addWatch("/", "recursive"),
    a.close(),
    b.exists("/e", "watched"),
  ),
  ...(["recursive", "persistent"] as const).map((mode) =>
    script(
      `${mode} outlives the znode`,
      b.addWatch("/n", mode),
      a.create("/n"),
      a.delete("/n"),
      a.create("/n"),
      a.delete("/n"),
    ),
  ),
];
