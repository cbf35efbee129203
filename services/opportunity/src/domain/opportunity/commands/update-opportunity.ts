import { edited } from "@keynode/decider/crud";
import { withChanges } from "@keynode/decider/record";
import type { OpportunityRule } from "../command.ts";
import { refuseClosed, refuseNegative, refuseUnknownAccount } from "../refusals.ts";

/** C-048. Errors: OPPORTUNITY_CLOSED, ACCOUNT_NOT_FOUND, INVALID_REQUEST. */
export const updateOpportunity: OpportunityRule<"UpdateOpportunity"> = (
  { opportunity, updateMask = [] },
  state,
  context,
) => {
  const refusal = refuseClosed(state);
  if (refusal !== undefined || opportunity === undefined) return refusal ?? [];
  const after = withChanges(state, opportunity, updateMask);
  return (
    refuseNegative({ "opportunity.amount": after.amount }) ??
    refuseUnknownAccount(after.accountId, after.accountId === state.accountId ? "KNOWN" : context.account) ??
    edited("Opportunity", state, opportunity, updateMask, context)
  );
};
