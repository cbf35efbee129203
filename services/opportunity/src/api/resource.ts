import { refusalNamingHolder } from "@keynode/api/holder";
import type { Shape } from "@keynode/api/read";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import type { DomainError } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { OpportunityStore } from "../opportunity.ts";

export const opportunityShape: Shape<Opportunity> = {
  typeName: "crm.opportunity.v1.Opportunity",
  fromPartial: Opportunity.fromPartial,
};

/** OPPORTUNITY_EXISTS names the other deal. */
export const explainOpportunity =
  (opportunities: OpportunityStore) =>
  (refusal: DomainError, { externalKey }: Opportunity, call: Call): DomainError | Promise<DomainError> =>
    refusal.reason === "OPPORTUNITY_EXISTS"
      ? refusalNamingHolder(
          opportunities,
          { reason: refusal.reason, field: "opportunityId", path: "state.heldKey" },
          [externalKey],
          call,
        )
      : refusal;
