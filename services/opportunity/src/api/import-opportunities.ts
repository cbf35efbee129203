import { runBatch } from "@keynode/api/batch";
import { shown } from "@keynode/api/command";
import { withValues } from "@keynode/api/custom-fields";
import { inputOf } from "@keynode/api/input";
import { ownedBy } from "@keynode/api/owner";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import type {
  ImportOpportunitiesRequest,
  ImportOpportunitiesResponse,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import { isDomainError } from "@keynode/decider/domain-error";
import type { Handler } from "@keynode/grpc/call";
import { refusals } from "../errors.ts";
import type { OpportunityStore } from "../opportunity.ts";
import { opportunityContext } from "./context.ts";
import { type References, remembering } from "./references.ts";
import { explainOpportunity, opportunityShape } from "./resource.ts";

/** Loads deals of another system, each on its own; accounts and pipelines that they share are looked up once. */
export const importOpportunities = (
  opportunities: OpportunityStore,
  references: References,
): Handler<ImportOpportunitiesRequest, ImportOpportunitiesResponse> => {
  const input = inputOf(opportunityShape, "opportunity.");
  const explain = explainOpportunity(opportunities);

  return async ({ requests }, call) => {
    const context = opportunityContext(remembering(references));
    const outcomes = await runBatch(requests, call, refusals, async (request, scope) => {
      const given = ownedBy(call, input.ofCreate(request.opportunity ?? Opportunity.fromPartial({})));
      const opportunity = await withValues(opportunities, given, call, "opportunity.");
      if (isDomainError(opportunity)) return opportunity;
      const loaded = { type: "ImportOpportunity", opportunity, close: request.close } as const;
      const outcome = await opportunities.create(loaded, scope, context);
      return isDomainError(outcome) ? explain(outcome, opportunity, call) : shown(outcome);
    });
    if (isDomainError(outcomes)) return outcomes;
    return { results: outcomes.map(({ record, status }) => ({ opportunity: record, status })) };
  };
};
