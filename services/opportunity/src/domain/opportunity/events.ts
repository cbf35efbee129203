import type {
  OpportunityContractLinked,
  OpportunityContractUnlinked,
  OpportunityDeleted,
  OpportunityEdited,
  OpportunityImported,
  OpportunityLost,
  OpportunityOpened,
  OpportunityReassigned,
  OpportunityReopened,
  OpportunityRestored,
  OpportunityStageAdvanced,
  OpportunityWon,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import type { Tagged } from "@keynode/decider/decider";

export type OpportunityEvent = Tagged<{
  OpportunityOpened: OpportunityOpened;
  OpportunityImported: OpportunityImported;
  OpportunityEdited: OpportunityEdited;
  OpportunityStageAdvanced: OpportunityStageAdvanced;
  OpportunityWon: OpportunityWon;
  OpportunityLost: OpportunityLost;
  OpportunityReopened: OpportunityReopened;
  OpportunityContractLinked: OpportunityContractLinked;
  OpportunityContractUnlinked: OpportunityContractUnlinked;
  OpportunityReassigned: OpportunityReassigned;
  OpportunityDeleted: OpportunityDeleted;
  OpportunityRestored: OpportunityRestored;
}>;
