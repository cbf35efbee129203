import type {
  LeadCaptured,
  LeadConversionAdvanced,
  LeadConversionRequested,
  LeadConverted,
  LeadDeleted,
  LeadDisqualified,
  LeadEdited,
  LeadFormSubmitted,
  LeadInquiryRecorded,
  LeadQualified,
  LeadReassigned,
  LeadReopened,
  LeadRestored,
} from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Tagged } from "@keynode/decider/decider";

export type LeadEvent = Tagged<{
  LeadCaptured: LeadCaptured;
  LeadFormSubmitted: LeadFormSubmitted;
  LeadInquiryRecorded: LeadInquiryRecorded;
  LeadEdited: LeadEdited;
  LeadQualified: LeadQualified;
  LeadDisqualified: LeadDisqualified;
  LeadReopened: LeadReopened;
  LeadConversionRequested: LeadConversionRequested;
  LeadConversionAdvanced: LeadConversionAdvanced;
  LeadConverted: LeadConverted;
  LeadReassigned: LeadReassigned;
  LeadDeleted: LeadDeleted;
  LeadRestored: LeadRestored;
}>;
