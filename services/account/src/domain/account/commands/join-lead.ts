import type { AccountRule } from "../command.ts";

/** C-028. A lead joins an account that was there; joining again yields []. */
export const joinLead: AccountRule<"JoinLead"> = ({ leadId, needs, interests }, state) =>
  state.leadIds.includes(leadId)
    ? []
    : [
        {
          type: "AccountLeadJoined",
          leadId,
          needs: needs.filter((need) => !state.needs.includes(need)),
          interests: interests.filter((interest) => !state.interests.includes(interest)),
        },
      ];
