import type { MemberPlan } from "./options.ts";

/** The members that lose a partition between `ids` and the rest: the side without the majority of voting members. */
export function losingSide(members: readonly MemberPlan[], ids: ReadonlySet<number>): ReadonlySet<number> {
  const voters = members.filter(({ role }) => role === "participant");
  const haveMajority = voters.filter(({ id }) => ids.has(id)).length > voters.length / 2;
  return new Set(members.map(({ id }) => id).filter((id) => ids.has(id) !== haveMajority));
}
