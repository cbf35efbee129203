import { command } from "@keynode/api/command";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import type { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import { withChassisErrors } from "@keynode/grpc/chassis-errors";
import { leadErrors } from "../domain/lead/errors.ts";
import { holderOf, type LeadStore, matchKeys } from "../lead.ts";
import { withContactPoints } from "./contact-points.ts";
import { leadContext } from "./context.ts";
import { leadListing } from "./list.ts";
import { submitForm } from "./submit-form.ts";

/** One entry per rpc of LeadService. */
export const leadApi = (leads: LeadStore, now: () => Date): Handlers<typeof LeadServiceService> => ({
  ...standardRpcs(leads, {
    name: "Lead",
    field: "lead",
    rows: "leads",
    typeName: "crm.lead.v1.Lead",
    fromPartial: Lead.fromPartial,
    listing: leadListing,
    errors: withChassisErrors(leadErrors),
    context: leadContext,
    normalise: (lead) => withContactPoints(lead, "lead.phone"),
    explain: (refusal, lead, call) => (refusal.reason === "LEAD_EXISTS" ? leadExists(leads, lead, call) : refusal),
  }),
  submitForm: submitForm(leads, now),
  recordInquiry: command(leads, "RecordInquiry", leadContext),
  qualifyLead: command(leads, "QualifyLead", leadContext),
  disqualifyLead: command(leads, "DisqualifyLead", leadContext),
  reopenLead: command(leads, "ReopenLead", leadContext),
  convertLead: command(leads, "ConvertLead", leadContext),
});

/** LEAD_EXISTS naming the other lead, to callers who may see it; others learn only that there is one. */
const leadExists = async (leads: LeadStore, lead: Lead, { tenant, visibility }: Call): Promise<DomainError> => {
  const holder = await holderOf(leads, tenant, matchKeys(lead));
  const seen = holder !== undefined && (await leads.get(tenant, holder, visibility)) !== undefined;
  return reject("LEAD_EXISTS", seen ? { leadId: holder } : {});
};
