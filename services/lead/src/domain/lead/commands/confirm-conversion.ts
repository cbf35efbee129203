import type { LeadRule } from "../command.ts";
import type { ConversionPart } from "../state.ts";

const parts: readonly ConversionPart[] = ["ACCOUNT", "CONTACT", "OPPORTUNITY"];

/** C-028. One of the three records exists; the last one completes the conversion. Repeating it yields []. */
export const confirmConversion: LeadRule<"ConfirmConversion"> = ({ part }, state, { now }) => {
  const { conversion, convertedParts = [] } = state;
  if (conversion?.state !== "PENDING" || convertedParts.includes(part)) return [];
  const { accountId, contactId, opportunityId } = conversion;
  const complete = parts.every((each) => each === part || convertedParts.includes(each));
  return [
    { type: "LeadConversionAdvanced", part },
    ...(complete ? [{ type: "LeadConverted" as const, accountId, contactId, opportunityId, completeTime: now }] : []),
  ];
};
