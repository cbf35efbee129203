import type {
  CaseAssigned,
  CaseClosed,
  CaseConfirmed,
  CaseCoverFound,
  CaseDeleted,
  CaseEdited,
  CaseOpened,
  CaseReassigned,
  CaseReopened,
  CaseRestored,
  CaseSolved,
} from "@keynode/contracts/crm/service/v1/case_events";
import type { Tagged } from "@keynode/decider/decider";

export type CaseEvent = Tagged<{
  CaseOpened: CaseOpened;
  CaseAssigned: CaseAssigned;
  CaseCoverFound: CaseCoverFound;
  CaseSolved: CaseSolved;
  CaseConfirmed: CaseConfirmed;
  CaseReopened: CaseReopened;
  CaseClosed: CaseClosed;
  CaseEdited: CaseEdited;
  CaseReassigned: CaseReassigned;
  CaseDeleted: CaseDeleted;
  CaseRestored: CaseRestored;
}>;
