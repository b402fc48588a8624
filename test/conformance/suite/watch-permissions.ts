import { openAcl } from "@quorate/core";
import { ann, forAnn, forAnyone, perms } from "../support/acls.ts";
import { superUser } from "../support/settings.ts";
import { type Actor, a, b, c, member, type Script, type Step, script } from "../support/steps.ts";

const closed = { acl: [forAnn()] };

function as(actor: Actor, credential: string): Step {
  return actor.open({ credentials: [{ scheme: "digest", credential: Buffer.from(credential) }] });
}

/** Events are for those who may read the znode they are about (CVE-2024-23944); a one-shot watch is used up all the same. */
export const watchPermissions: readonly Script[] = [
  script(
    "a znode one may not read",
    as(a, ann),
    b.exists("/n", "watched"),
    a.create("/n", closed),
    b.exists("/n", "watched"),
    a.set("/n", "1"),
    b.exists("/n", "watched"),
    a.delete("/n"),
    b.exists("/n", "watched"),
    a.create("/n"),
  ),
  script(
    "a filtered event uses the watch up",
    as(a, ann),
    a.create("/n", closed),
    b.exists("/n", "watched"),
    a.set("/n", "1"),
    a.setAcl("/n", openAcl),
    a.set("/n", "2"),
    b.exists("/n", "watched"),
    a.set("/n", "3"),
  ),
  script(
    "closed since it is watched",
    as(a, ann),
    a.create("/n"),
    b.get("/n", "watched"),
    b.children("/n", "watched"),
    a.setAcl("/n", closed.acl),
    a.create("/n/child"),
    a.set("/n", "1"),
    a.setAcl("/n", openAcl),
    a.create("/n/second"),
    a.set("/n", "2"),
  ),
  script(
    "a branch, of which parts are closed",
    as(a, ann),
    a.create("/n", closed),
    b.addWatch("/", "recursive"),
    b.addWatch("/n", "persistent"),
    b.children("/", "watched"),
    a.create("/n/open"),
    a.create("/n/closed", closed),
    a.create("/n/closed/open"),
    a.set("/n/open", "1"),
    a.set("/n/closed", "1"),
    a.set("/n/closed/open", "1"),
    a.set("/n", "1"),
    a.delete("/n/closed/open"),
    a.delete("/n/closed"),
    a.delete("/n/open"),
    a.delete("/n"),
    a.multi(member.create("/m", closed), member.create("/m/open"), member.set("/m", "1"), member.delete("/m/open")),
  ),
  script(
    "who may do everything but read",
    as(a, ann),
    a.create("/n", { acl: [forAnn(), forAnyone(perms("wcda"))] }),
    b.addWatch("/n", "persistent"),
    b.set("/n", "1"),
    b.create("/n/child"),
    b.delete("/n/child"),
    b.delete("/n"),
  ),
  script(
    "who may read, by whatever identity",
    as(a, ann),
    a.create("/n", closed),
    as(b, ann),
    as(c, `super:${superUser.password}`),
    b.exists("/n", "watched"),
    c.exists("/n", "watched"),
    a.exists("/n", "watched"),
    a.set("/n", "1"),
  ),
  script(
    "who is known to have the right only later",
    as(a, ann),
    a.create("/n", closed),
    b.addWatch("/n", "persistent"),
    a.set("/n", "1"),
    b.present("digest", ann),
    a.set("/n", "2"),
  ),
  script(
    "an ephemeral znode that goes with its session",
    as(a, ann),
    a.create("/e", { mode: "ephemeral", ...closed }),
    b.exists("/e", "watched"),
    b.children("/", "watched"),
    c.addWatch("/", "recursive"),
    a.close(),
  ),
  script(
    "what a new connection is told of",
    as(a, ann),
    a.create("/n", closed),
    a.create("/open"),
    b.exists("/n", "watched"),
    b.exists("/missing", "watched"),
    b.children("/open", "watched"),
    b.away(a.set("/n", "1"), a.create("/missing", closed), a.setAcl("/open", closed.acl), a.create("/open/child")),
  ),
];
