import { deleted, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { confirmConversion } from "./commands/confirm-conversion.ts";
import { convertLead } from "./commands/convert-lead.ts";
import { disqualifyLead } from "./commands/disqualify-lead.ts";
import { qualifyLead } from "./commands/qualify-lead.ts";
import { recordInquiry } from "./commands/record-inquiry.ts";
import { reopenLead } from "./commands/reopen-lead.ts";
import { submitForm } from "./commands/submit-form.ts";
import { updateLead } from "./commands/update-lead.ts";
import type { LeadCommand } from "./command.ts";
import type { LeadContext } from "./context.ts";
import type { LeadEvent } from "./events.ts";
import { refusePending } from "./refusals.ts";
import type { LeadState } from "./state.ts";

export const decide = decideBy<LeadCommand, LeadState, LeadEvent, LeadContext>({
  CreateLead: ({ lead }) => (lead === undefined ? [] : [{ type: "LeadCaptured", lead }]),
  SubmitForm: submitForm,
  RecordInquiry: onRecord(recordInquiry),
  UpdateLead: onRecord(updateLead),
  QualifyLead: onRecord(qualifyLead),
  DisqualifyLead: onRecord(disqualifyLead),
  ReopenLead: onRecord(reopenLead),
  ConvertLead: onRecord(convertLead),
  ConfirmConversion: onRecord(confirmConversion),
  ReassignLead: onRecord((to, state) => reassigned("Lead", state, to)),
  DeleteLead: onRecord((_command, state, context) => refusePending(state) ?? deleted("Lead", state, context)),
  UndeleteLead: onRecord((_command, state) => restored("Lead", state)),
});
