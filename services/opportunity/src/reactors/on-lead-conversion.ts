import { reactionScope, settled } from "@keynode/api/reaction";
import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { opportunityContext } from "../api/context.ts";
import type { References } from "../api/references.ts";
import type { OpportunityStore } from "../opportunity.ts";

/** As much of a lead's needs as the basis of a deal holds: characters. */
const basisLength = 500;

/** C-028. A lead is converted: its deal is opened under the id that the event names, once. */
export const onLeadConversion = (
  opportunities: OpportunityStore,
  references: References,
  { name, now, log }: ServiceTools,
): Reactor => {
  const context = opportunityContext(references);
  return {
    name: "on-lead-conversion",
    from: { lead: ["LeadConversionRequested"] },
    handle: async (event) => {
      const request = LeadConversionRequested.decode(event.data);
      const open = { type: "OpenFromLead", opportunity: dealOf(request, event.recordId) } as const;
      const scope = reactionScope(name, event, now());
      settled(await opportunities.create(open, scope, context, request.opportunityId), event, log);
    },
  };
};

const dealOf = (request: LeadConversionRequested, leadId: string): Opportunity => {
  const { accountId, contactId, opportunityName, amount, expectedCloseDate, pipelineId, lead } = request;
  return Opportunity.fromPartial({
    ownerId: lead?.ownerId ?? "",
    teamId: lead?.teamId ?? "",
    leadId,
    accountId,
    contactId,
    name: opportunityName,
    amount,
    expectedCloseDate,
    pipelineId,
    basis: { kind: "LEAD", detail: (lead?.needs ?? []).join("; ").slice(0, basisLength).toWellFormed() },
    nextStep: lead?.nextStep ?? "",
  });
};
