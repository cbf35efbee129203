import { won } from "../close.ts";
import type { OpportunityRule } from "../command.ts";
import { refuseClosed, refuseNegative } from "../refusals.ts";

/** C-050. Winning a won deal yields []. Errors: OPPORTUNITY_CLOSED, INVALID_REQUEST. */
export const winOpportunity: OpportunityRule<"WinOpportunity"> = (command, state, context) => {
  if (state.status === "WON") return [];
  const { reason, note, value = state.amount, closeDate = context.today } = command;
  return (
    refuseClosed(state) ??
    refuseNegative({ value: command.value }) ?? [
      won(state, { reason, note, value, closeDate }, state.contractId, context),
    ]
  );
};
