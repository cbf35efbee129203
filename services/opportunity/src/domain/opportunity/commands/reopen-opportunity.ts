import { reject } from "@keynode/decider/domain-error";
import type { OpportunityRule } from "../command.ts";

/** C-050. Reopening an open deal yields []. Errors: OPPORTUNITY_HAS_CONTRACT. */
export const reopenOpportunity: OpportunityRule<"ReopenOpportunity"> = ({ note }, state) => {
  if (state.status === "OPEN") return [];
  const signed = state.contracts?.find(({ standing }) => standing === "SIGNED");
  return signed === undefined
    ? [{ type: "OpportunityReopened", note, stageKey: state.stageKey }]
    : reject("OPPORTUNITY_HAS_CONTRACT", { contractId: signed.id });
};
