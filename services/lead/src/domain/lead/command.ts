import type { Lead, Lead_FormSubmission } from "@keynode/contracts/crm/lead/v1/lead";
import type {
  ConvertLeadRequest,
  CreateLeadRequest,
  DeleteLeadRequest,
  DisqualifyLeadRequest,
  QualifyLeadRequest,
  ReassignLeadRequest,
  RecordInquiryRequest,
  ReopenLeadRequest,
  UndeleteLeadRequest,
  UpdateLeadRequest,
} from "@keynode/contracts/crm/lead/v1/lead_service";
import type { RecordRule, Tagged } from "@keynode/decider/decider";
import type { LeadContext } from "./context.ts";
import type { LeadEvent } from "./events.ts";
import type { ConversionPart, LeadState } from "./state.ts";

/** A form as it bears on a lead: what was submitted, and the lead that it describes. */
export type SubmitForm = {
  form: Lead_FormSubmission;
  described: Lead;
  /** True when another lead has the form's telephone number, which then is not taken over. */
  phoneTaken: boolean;
};

/** One of the records of a conversion exists. */
export type ConfirmConversion = { part: ConversionPart };

export type LeadCommand = Tagged<{
  CreateLead: CreateLeadRequest;
  SubmitForm: SubmitForm;
  RecordInquiry: RecordInquiryRequest;
  UpdateLead: UpdateLeadRequest;
  QualifyLead: QualifyLeadRequest;
  DisqualifyLead: DisqualifyLeadRequest;
  ReopenLead: ReopenLeadRequest;
  ConvertLead: ConvertLeadRequest;
  ConfirmConversion: ConfirmConversion;
  ReassignLead: ReassignLeadRequest;
  DeleteLead: DeleteLeadRequest;
  UndeleteLead: UndeleteLeadRequest;
}>;

/** The rule of one command on an existing lead. */
export type LeadRule<Type extends LeadCommand["type"]> = RecordRule<
  Extract<LeadCommand, { type: Type }>,
  LeadState,
  LeadEvent,
  LeadContext
>;
