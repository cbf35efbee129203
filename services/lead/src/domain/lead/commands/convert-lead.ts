import { reject } from "@keynode/decider/domain-error";
import type { LeadRule } from "../command.ts";
import { refuseDisqualified } from "../refusals.ts";

/**
 * C-028. Names the three records to come; converting again yields [] and so answers the same ids.
 * Errors: LEAD_DISQUALIFIED, LEAD_NOT_QUALIFIED.
 */
export const convertLead: LeadRule<"ConvertLead"> = (command, state, { now, conversionIds }) => {
  if (state.conversion !== undefined) return [];
  const refusal = refuseDisqualified(state);
  if (refusal !== undefined) return refusal;
  if (state.status !== "QUALIFIED") return reject("LEAD_NOT_QUALIFIED", { status: state.status });
  const { accountId, opportunityName, amount, expectedCloseDate, pipelineId } = command;
  return [
    {
      type: "LeadConversionRequested",
      ...conversionIds,
      accountId: accountId === "" ? conversionIds.accountId : accountId,
      joinsAccount: accountId !== "",
      opportunityName: opportunityName || state.company || state.name,
      amount,
      expectedCloseDate,
      pipelineId,
      requestTime: now,
      lead: state,
    },
  ];
};
