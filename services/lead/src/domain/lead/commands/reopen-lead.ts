import type { LeadRule } from "../command.ts";
import { refuseConverted } from "../refusals.ts";

/** C-027. Reopening an open lead yields []. Errors: LEAD_CONVERTED. */
export const reopenLead: LeadRule<"ReopenLead"> = ({ note }, state) =>
  refuseConverted(state) ?? (state.status === "DISQUALIFIED" ? [{ type: "LeadReopened", note }] : []);
