import { deleted } from "@keynode/decider/crud";
import { reject } from "@keynode/decider/domain-error";
import type { OpportunityRule } from "../command.ts";

/** Deleting a deleted deal yields []. Errors: OPPORTUNITY_HAS_CONTRACT. */
export const deleteOpportunity: OpportunityRule<"DeleteOpportunity"> = (_command, state, context) => {
  const events = deleted("Opportunity", state, context);
  return events.length > 0 && state.contractId !== ""
    ? reject("OPPORTUNITY_HAS_CONTRACT", { contractId: state.contractId })
    : events;
};
