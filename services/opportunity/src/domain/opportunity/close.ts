import type { Opportunity_Close } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import type { OpportunityContext } from "./context.ts";
import type { OpportunityEvent } from "./events.ts";
import type { OpportunityState } from "./state.ts";

/** The fact that a deal is won, by hand or by a contract. */
export const won = (
  { accountId, productIds }: OpportunityState,
  close: Pick<Opportunity_Close, "reason" | "note" | "value" | "closeDate">,
  contractId: string,
  { now, actor }: OpportunityContext,
): OpportunityEvent => ({
  type: "OpportunityWon",
  close: { ...close, outcome: "WON", closeTime: now, closedBy: actor },
  accountId,
  productIds,
  contractId,
});
