import type { StandingEnsemble, StandingMemberStatus } from "@quorate/testing";
import type { Run } from "../shared/run.ts";
import { hex } from "../shared/stat-text.ts";

export interface EnsembleView {
  readonly members: readonly StandingMemberStatus[];
  /** Exactly one leads (or stands alone), and more than half of those that vote serve: a leader alone has not noticed yet. */
  readonly quorum: boolean;
  /** Every member runs and is what it was configured as. */
  readonly asConfigured: boolean;
}

export async function viewOf(ensemble: StandingEnsemble): Promise<EnsembleView> {
  const members = await ensemble.status();
  const leaders = members.filter(({ mode }) => mode === "leader" || mode === "standalone");
  const voters = members.filter(({ role }) => role === "participant");
  const isMajority = voters.filter(isAsConfigured).length > voters.length / 2;
  return { members, quorum: leaders.length === 1 && isMajority, asConfigured: members.every(isAsConfigured) };
}

/** A member that votes leads or follows; an observer observes. */
function isAsConfigured({ role, mode }: StandingMemberStatus): boolean {
  return role === "observer" ? mode === "observer" : ["leader", "follower", "standalone"].includes(mode);
}

export async function showEnsemble({ out }: Run, ensemble: StandingEnsemble, view: EnsembleView): Promise<void> {
  const { connectString, directory, provider } = ensemble;
  if (out.isJson) return out.result({ connectString, directory, provider, ...view }, () => {});
  const { green, red, yellow } = out.colors;
  const rows = view.members.map((member) => [
    String(member.id),
    member.role,
    (isAsConfigured(member) ? green : member.mode === "stopped" ? yellow : red)(member.mode),
    member.address,
    member.zxid === undefined ? "-" : hex(member.zxid),
  ]);
  await out.table(["ID", "CONFIGURED AS", "IS", "CLIENTS", "ZXID"], rows);
  out.line(view.quorum ? green("quorum: yes") : red("quorum: no"));
}
