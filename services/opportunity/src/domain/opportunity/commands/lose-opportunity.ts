import type { OpportunityRule } from "../command.ts";
import { refuseClosed } from "../refusals.ts";

/** C-050. Losing a deal again for the same reason yields []. Errors: OPPORTUNITY_CLOSED. */
export const loseOpportunity: OpportunityRule<"LoseOpportunity"> = (command, state, { now, actor, today }) => {
  const { reason, reasonKey = "", note, closeDate = today } = command;
  if (state.status === "LOST" && state.close?.reason === reason && (state.close.reasonKey ?? "") === reasonKey)
    return [];
  const { accountId, productIds, contractId } = state;
  return (
    refuseClosed(state) ?? [
      {
        type: "OpportunityLost",
        close: {
          outcome: "LOST",
          reason,
          ...(reasonKey !== "" && { reasonKey }),
          note,
          closeDate,
          closeTime: now,
          closedBy: actor,
        },
        accountId,
        productIds,
        contractId,
      },
    ]
  );
};
