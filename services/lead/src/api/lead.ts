import { command } from "@keynode/api/command";
import { refusalNamingHolder } from "@keynode/api/holder";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import type { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import type { Handlers } from "@keynode/grpc/implement";
import { leadErrors } from "../domain/lead/errors.ts";
import { type LeadStore, matchKeys } from "../lead.ts";
import { withContactPoints } from "@keynode/api/contact-point";
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
    errors: leadErrors,
    context: leadContext,
    normalise: (lead) => withContactPoints(lead, "lead.phone"),
    explain: (refusal, lead, call) =>
      refusal.reason === "LEAD_EXISTS"
        ? refusalNamingHolder(
            leads,
            { reason: refusal.reason, field: "leadId", path: "state.matchKeys", sensitive: "leads" },
            matchKeys(lead) ?? [],
            call,
          )
        : refusal,
  }),
  submitForm: submitForm(leads, now),
  recordInquiry: command(leads, "RecordInquiry", leadContext),
  qualifyLead: command(leads, "QualifyLead", leadContext),
  disqualifyLead: command(leads, "DisqualifyLead", leadContext),
  reopenLead: command(leads, "ReopenLead", leadContext),
  convertLead: command(leads, "ConvertLead", leadContext),
});
