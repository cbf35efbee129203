import type {
  PurchaseDeleted,
  PurchaseReassigned,
  PurchaseRecorded,
  PurchaseRestored,
} from "@keynode/contracts/crm/contract/v1/purchase_events";
import type { Tagged } from "@keynode/decider/decider";

export type PurchaseEvent = Tagged<{
  PurchaseRecorded: PurchaseRecorded;
  PurchaseReassigned: PurchaseReassigned;
  PurchaseDeleted: PurchaseDeleted;
  PurchaseRestored: PurchaseRestored;
}>;
