import { isDomainError } from "@keynode/decider/domain-error";
import type { OpportunityBeginning } from "../command.ts";
import { opened } from "../entry.ts";

/** C-028. Errors: PIPELINE_NOT_FOUND. */
export const openFromLead: OpportunityBeginning<"OpenFromLead"> = ({ opportunity }, _state, context) => {
  const deal = opened(opportunity, context);
  return isDomainError(deal) ? deal : [{ type: "OpportunityOpened", opportunity: deal }];
};
