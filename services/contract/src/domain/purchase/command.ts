import type { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import type {
  CreatePurchaseRequest,
  DeletePurchaseRequest,
  ReassignPurchaseRequest,
  UndeletePurchaseRequest,
} from "@keynode/contracts/crm/contract/v1/purchase_service";
import type { Tagged } from "@keynode/decider/decider";

/** A contract was signed; what is in it was checked when it was drafted. */
export type RecordContractPurchase = { purchase: Purchase };

export type PurchaseCommand = Tagged<{
  CreatePurchase: CreatePurchaseRequest;
  RecordContractPurchase: RecordContractPurchase;
  ReassignPurchase: ReassignPurchaseRequest;
  DeletePurchase: DeletePurchaseRequest;
  UndeletePurchase: UndeletePurchaseRequest;
}>;
