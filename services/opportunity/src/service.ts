import { OpportunityServiceService } from "@keynode/contracts/crm/opportunity/v1/opportunity_service";
import { PipelineServiceService } from "@keynode/contracts/crm/opportunity/v1/pipeline_service";
import { implement } from "@keynode/grpc/implement";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { opportunityApi } from "./api/opportunity.ts";
import { pipelineApi } from "./api/pipeline.ts";
import { openReferences } from "./api/references.ts";
import { opportunityServiceErrors } from "./errors.ts";
import { opportunityAggregate } from "./opportunity.ts";
import { pipelineAggregate } from "./pipeline.ts";
import { accounts } from "@keynode/runtime/copies/accounts";
import { tenants } from "@keynode/runtime/copies/tenants";
import { onContract } from "./reactors/on-contract.ts";
import { onLeadConversion } from "./reactors/on-lead-conversion.ts";
import { onTemplateApplied } from "./reactors/on-template-applied.ts";
import { onTenantCreated } from "./reactors/on-tenant-created.ts";

/** Composition root: the only wiring. */
export const opportunityService: ServiceDefinition = {
  name: "opportunity",
  errors: opportunityServiceErrors,
  build: (tools) => {
    const opportunities = tools.store(opportunityAggregate);
    const pipelines = tools.store(pipelineAggregate);
    const references = openReferences(tools.name, pipelines, tools.projection(accounts), tools.projection(tenants));
    return {
      implementations: [
        implement(OpportunityServiceService, opportunityApi(opportunities, references)),
        implement(PipelineServiceService, pipelineApi(pipelines)),
      ],
      reactors: [
        onLeadConversion(opportunities, references, tools),
        onContract(opportunities, references, tools),
        onTenantCreated(references, tools),
        onTemplateApplied(pipelines, tools),
      ],
    };
  },
};
