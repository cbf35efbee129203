import type { LeadRule } from "../command.ts";
import { refuseConverted, refuseDisqualified, refusePending } from "../refusals.ts";

/** C-027. Repeating it for the same reason yields []. Errors: LEAD_DISQUALIFIED, LEAD_CONVERTED, CONVERSION_PENDING. */
export const disqualifyLead: LeadRule<"DisqualifyLead"> = ({ reason, reasonKey = "", note }, state, { now, actor }) => {
  if (
    state.status === "DISQUALIFIED" &&
    state.qualification?.reason === reason &&
    (state.qualification.reasonKey ?? "") === reasonKey
  )
    return [];
  return (
    refuseDisqualified(state) ??
    refuseConverted(state) ??
    refusePending(state) ?? [
      {
        type: "LeadDisqualified",
        qualification: { reason, ...(reasonKey !== "" && { reasonKey }), note, decideTime: now, decidedBy: actor },
      },
    ]
  );
};
