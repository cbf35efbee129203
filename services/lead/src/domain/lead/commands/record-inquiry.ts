import type { LeadRule } from "../command.ts";
import { refuseConverted, refuseDisqualified } from "../refusals.ts";

/** C-029. Errors: LEAD_DISQUALIFIED, LEAD_CONVERTED. */
export const recordInquiry: LeadRule<"RecordInquiry"> = ({ inquiry }, state, { now }) =>
  refuseDisqualified(state) ??
  refuseConverted(state) ??
  (inquiry === undefined
    ? []
    : [
        {
          type: "LeadInquiryRecorded",
          inquiry: { ...inquiry, inquireTime: inquiry.inquireTime ?? now },
          first: state.inquiryCount === 0,
        },
      ]);
