import type { LeadRule } from "../command.ts";
import { refuseConverted, refuseDisqualified } from "../refusals.ts";

/** C-027. Repeating it yields []. Errors: LEAD_DISQUALIFIED, LEAD_CONVERTED. */
export const qualifyLead: LeadRule<"QualifyLead"> = ({ note }, state, { now, actor }) =>
  refuseDisqualified(state) ??
  refuseConverted(state) ??
  (state.status === "QUALIFIED"
    ? []
    : [
        {
          type: "LeadQualified",
          qualification: { reason: "REASON_UNSPECIFIED", note, decideTime: now, decidedBy: actor },
        },
      ]);
