import { entry } from "../support/acls.ts";
import { saslUser, sessionBounds } from "../support/settings.ts";
import { a, b, c, member, type Script, script } from "../support/steps.ts";

export const sessions: readonly Script[] = [
  script(
    "closing takes what is the session's own",
    a.create("/e", { mode: "ephemeral" }),
    a.create("/p"),
    a.create("/p/e-", { mode: "ephemeralSequential" }),
    a.create("/p/stays"),
    b.ephemerals("/"),
    a.ephemerals("/"),
    a.close(),
    b.children("/"),
    b.children("/p"),
  ),
  script(
    "an ephemeral znode another session deletes",
    a.create("/e", { mode: "ephemeral" }),
    b.set("/e", "1"),
    b.delete("/e"),
    a.ephemerals("/"),
    b.create("/e"),
    a.close(),
    b.exists("/e"),
  ),
  script(
    "an ephemeral znode another session takes over",
    a.create("/e", { mode: "ephemeral" }),
    b.multi(member.delete("/e"), member.create("/e", { mode: "ephemeral" })),
    a.ephemerals("/"),
    b.ephemerals("/"),
    a.close(),
    b.exists("/e"),
    b.close(),
    c.exists("/e"),
  ),
  script(
    "expiry takes what is the session's own, and is told to who watches",
    a.open({ sessionTimeoutMs: sessionBounds.minMs }),
    a.create("/e", { mode: "ephemeral" }),
    b.exists("/e", "watched"),
    c.addWatch("/", "persistent"),
    a.away(b.sees(1), b.exists("/e"), b.children("/")),
    a.exists("/"),
    b.create("/e"),
  ),
  script(
    "a session that only pings lives on",
    a.open({ sessionTimeoutMs: sessionBounds.minMs }),
    a.create("/e", { mode: "ephemeral" }),
    // The other one expires, so the time was long enough.
    b.open({ sessionTimeoutMs: sessionBounds.minMs }),
    b.create("/timer", { mode: "ephemeral" }),
    c.exists("/timer", "watched"),
    b.away(c.sees(1)),
    c.exists("/e"),
    a.set("/e", "alive"),
  ),
];

/** For targets that offer SASL. */
export const saslSessions: readonly Script[] = [
  script(
    "the user is known, and owns",
    a.open({ sasl: saslUser }),
    a.whoAmI(),
    a.create("/own", { acl: [entry("sasl", saslUser.username)] }),
    a.create("/auth", { acl: [entry("auth", "")] }),
    a.getAcl("/auth"),
    a.get("/own"),
    b.get("/own"),
    b.whoAmI(),
    a.away(),
    a.get("/own"),
    a.whoAmI(),
  ),
  script("a wrong password", a.open({ sasl: { ...saslUser, password: "open pepper" } }), a.exists("/")),
  // With another's password 3.8.0 lets an unknown user in once that other was there: it keeps the last name it knew.
  script("an unknown user", a.open({ sasl: { username: "nobody", password: "open pepper" } }), a.exists("/")),
];
