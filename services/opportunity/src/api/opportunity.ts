import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import type { OpportunityServiceService } from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import type { Handlers } from "@keynode/grpc/implement";
import { refusals } from "../errors.ts";
import type { OpportunityStore } from "../opportunity.ts";
import { opportunityContext } from "./context.ts";
import { importOpportunities } from "./import-opportunities.ts";
import { opportunityListing } from "./list.ts";
import type { References } from "./references.ts";
import { explainOpportunity, opportunityShape } from "./resource.ts";

/** One entry per rpc of OpportunityService. */
export const opportunityApi = (
  opportunities: OpportunityStore,
  references: References,
): Handlers<typeof OpportunityServiceService> => {
  const context = opportunityContext(references);
  return {
    ...standardRpcs(opportunities, {
      ...opportunityShape,
      name: "Opportunity",
      field: "opportunity",
      rows: "opportunities",
      listing: opportunityListing,
      errors: refusals,
      context,
      explain: explainOpportunity(opportunities),
    }),
    importOpportunities: importOpportunities(opportunities, references),
    advanceStage: command(opportunities, "AdvanceStage", context),
    winOpportunity: command(opportunities, "WinOpportunity", context),
    loseOpportunity: command(opportunities, "LoseOpportunity", context),
    reopenOpportunity: command(opportunities, "ReopenOpportunity", context),
  };
};
