import { isDomainError } from "@keynode/decider/domain-error";
import type { OpportunityBeginning } from "../command.ts";
import { opened } from "../entry.ts";
import { refuseNegative, refuseUnknownAccount } from "../refusals.ts";

/** C-047, C-048. Errors: ACCOUNT_NOT_FOUND, PIPELINE_NOT_FOUND, STAGE_UNKNOWN, STAGE_SKIPPED, INVALID_REQUEST. */
export const createOpportunity: OpportunityBeginning<"CreateOpportunity"> = ({ opportunity }, _state, context) => {
  if (opportunity === undefined) return [];
  const refusal =
    refuseNegative({ "opportunity.amount": opportunity.amount }) ??
    refuseUnknownAccount(opportunity.accountId, context.account);
  if (refusal !== undefined) return refusal;
  const deal = opened(opportunity, context);
  return isDomainError(deal) ? deal : [{ type: "OpportunityOpened", opportunity: deal }];
};
