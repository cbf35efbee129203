import type {
  AccountCreated,
  AccountDeleted,
  AccountEdited,
  AccountLeadJoined,
  AccountPurchasesCounted,
  AccountReassigned,
  AccountRestored,
  AccountStageChanged,
} from "@keynode/contracts/crm/account/v1/account_events";
import type { Tagged } from "@keynode/decider/decider";

export type AccountEvent = Tagged<{
  AccountCreated: AccountCreated;
  AccountLeadJoined: AccountLeadJoined;
  AccountStageChanged: AccountStageChanged;
  AccountPurchasesCounted: AccountPurchasesCounted;
  AccountEdited: AccountEdited;
  AccountReassigned: AccountReassigned;
  AccountDeleted: AccountDeleted;
  AccountRestored: AccountRestored;
}>;
