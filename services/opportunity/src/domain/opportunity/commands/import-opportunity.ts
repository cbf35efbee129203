import type { Opportunity, Opportunity_Close } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import { type DomainError, isDomainError } from "@keynode/decider/domain-error";
import type { OpportunityBeginning } from "../command.ts";
import type { OpportunityContext } from "../context.ts";
import { entered } from "../entry.ts";
import { refuseFields, refuseNegative, refuseUnknownAccount } from "../refusals.ts";

/**
 * A deal of another system, with the stage, outcome and business dates it has there.
 * Errors: ACCOUNT_NOT_FOUND, PIPELINE_NOT_FOUND, STAGE_UNKNOWN, INVALID_REQUEST.
 */
export const importOpportunity: OpportunityBeginning<"ImportOpportunity"> = (
  { opportunity, close },
  _state,
  context,
) => {
  if (opportunity === undefined) return [];
  const refusal =
    refuseNegative({ "opportunity.amount": opportunity.amount, "close.value": close?.value }) ??
    refuseUndated(close) ??
    refuseUnknownAccount(opportunity.accountId, context.account);
  if (refusal !== undefined) return refusal;
  const deal = entered(opportunity, context);
  if (isDomainError(deal)) return deal;
  return [{ type: "OpportunityImported", opportunity: { ...deal, ...ended(close, context), imported: true } }];
};

const ended = (
  close: Opportunity_Close | undefined,
  { now, actor }: OpportunityContext,
): Pick<Opportunity, "status" | "close"> =>
  close === undefined
    ? { status: "OPEN" }
    : {
        status: close.outcome === "WON" ? "WON" : "LOST",
        close: { ...close, closeTime: now, closedBy: actor },
      };

const refuseUndated = (close: Opportunity_Close | undefined): DomainError | undefined =>
  close === undefined || close.closeDate !== undefined
    ? undefined
    : refuseFields([{ field: "close.close_date", reason: "FIELD_REQUIRED" }]);
