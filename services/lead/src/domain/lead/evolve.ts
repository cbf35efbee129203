import { appendBounded, withChanges } from "@keynode/decider/record";
import type { LeadEvent } from "./events.ts";
import type { LeadState } from "./state.ts";

/** Entries that the histories in a lead keep. */
const historyLimit = 50;

/** Total and never throws: a recorded event is a fact. */
export const evolve = (state: LeadState | undefined, event: LeadEvent): LeadState => {
  if (event.type === "LeadCaptured") return captured(event.lead as LeadState);
  return evolveLead(state as LeadState, event);
};

const evolveLead = (state: LeadState, event: Exclude<LeadEvent, { type: "LeadCaptured" }>): LeadState => {
  switch (event.type) {
    case "LeadFormSubmitted":
      return {
        ...state,
        email: state.email || event.email,
        phone: state.phone || event.phone,
        company: state.company || event.company,
        needs: event.need === "" || state.needs.includes(event.need) ? state.needs : [...state.needs, event.need],
        formSubmissionCount: state.formSubmissionCount + 1,
        lastForm: event.form,
      };
    case "LeadInquiryRecorded":
      return {
        ...intent(state, event.inquiry?.inquireTime),
        status: state.status === "NEW" ? "WORKING" : state.status,
        inquiryCount: state.inquiryCount + 1,
        firstInquiryTime: state.firstInquiryTime ?? event.inquiry?.inquireTime,
        lastInquiry: event.inquiry,
      };
    case "LeadEdited": {
      const after = withChanges(state, event.changes ?? {}, event.changedFields ?? []);
      if (after.purchaseIntent === state.purchaseIntent) return after;
      const change = { from: state.purchaseIntent, to: after.purchaseIntent, time: event.editTime };
      return {
        ...after,
        purchaseIntentChanges: appendBounded(state.purchaseIntentChanges, change, historyLimit),
      };
    }
    case "LeadQualified":
      return { ...state, status: "QUALIFIED", qualification: event.qualification };
    case "LeadDisqualified":
      return { ...state, status: "DISQUALIFIED", qualification: event.qualification };
    case "LeadReopened":
      return { ...state, status: "WORKING", qualification: undefined };
    case "LeadConversionRequested":
      return {
        ...state,
        convertedParts: [],
        conversion: {
          state: "PENDING",
          accountId: event.accountId,
          contactId: event.contactId,
          opportunityId: event.opportunityId,
          requestTime: event.requestTime,
        },
      };
    case "LeadConversionAdvanced":
      return { ...state, convertedParts: [...(state.convertedParts ?? []), event.part] };
    case "LeadConverted":
      return {
        ...state,
        status: "CONVERTED",
        convertedParts: undefined,
        conversion: state.conversion && { ...state.conversion, state: "COMPLETE", completeTime: event.completeTime },
      };
    case "LeadReassigned":
      return { ...state, ownerId: event.ownerId, teamId: event.teamId };
    case "LeadDeleted":
      return { ...state, deleteTime: event.deleteTime };
    case "LeadRestored":
      return { ...state, deleteTime: undefined };
  }
};

const captured = (lead: LeadState): LeadState => ({ ...lead, status: "NEW", stage: "POTENTIAL" });

const intent = (state: LeadState, time: Date | undefined): LeadState =>
  state.stage === "INTENT"
    ? state
    : {
        ...state,
        stage: "INTENT",
        stageChanges: appendBounded(state.stageChanges, { from: state.stage, to: "INTENT", time }, historyLimit),
      };
