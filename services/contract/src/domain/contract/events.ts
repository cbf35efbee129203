import type {
  ContractCancelled,
  ContractClauseAccepted,
  ContractClauseAdded,
  ContractClauseAgreed,
  ContractClauseRemoved,
  ContractDeleted,
  ContractDrafted,
  ContractEdited,
  ContractPositionProposed,
  ContractReassigned,
  ContractRestored,
  ContractSigned,
} from "@keynode/contracts/crm/contract/v1/contract_events";
import type { Tagged } from "@keynode/decider/decider";

export type ContractEvent = Tagged<{
  ContractDrafted: ContractDrafted;
  ContractEdited: ContractEdited;
  ContractClauseAdded: ContractClauseAdded;
  ContractClauseRemoved: ContractClauseRemoved;
  ContractPositionProposed: ContractPositionProposed;
  ContractClauseAccepted: ContractClauseAccepted;
  ContractClauseAgreed: ContractClauseAgreed;
  ContractSigned: ContractSigned;
  ContractCancelled: ContractCancelled;
  ContractReassigned: ContractReassigned;
  ContractDeleted: ContractDeleted;
  ContractRestored: ContractRestored;
}>;
