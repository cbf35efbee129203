import { edited } from "@keynode/decider/crud";
import type { LeadRule } from "../command.ts";
import { refuseConverted } from "../refusals.ts";

/** C-026. Errors: LEAD_CONVERTED. */
export const updateLead: LeadRule<"UpdateLead"> = ({ lead, updateMask }, state, context) =>
  refuseConverted(state) ?? (lead === undefined ? [] : edited("Lead", state, lead, updateMask ?? [], context));
