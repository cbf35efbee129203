import { refusalNamingHolder } from "@keynode/api/holder";
import { standardRpcs } from "@keynode/api/standard-rpcs";
import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import type { PurchaseServiceService } from "@keynode/contracts/crm/contract/v1/purchase_service";
import type { Handlers } from "@keynode/grpc/implement";
import { refusals } from "../errors.ts";
import type { PurchaseStore } from "../purchase.ts";
import { purchaseContext } from "./context.ts";
import { purchaseListing } from "./list.ts";
import type { Lookup } from "./lookup.ts";

/** One entry per rpc of PurchaseService. */
export const purchaseApi = (purchases: PurchaseStore, lookup: Lookup): Handlers<typeof PurchaseServiceService> =>
  standardRpcs(purchases, {
    name: "Purchase",
    field: "purchase",
    rows: "purchases",
    typeName: "crm.contract.v1.Purchase",
    fromPartial: Purchase.fromPartial,
    listing: purchaseListing,
    errors: refusals,
    context: purchaseContext(lookup),
    explain: (refusal, { externalKey }, call) =>
      refusal.reason === "PURCHASE_EXISTS"
        ? refusalNamingHolder(
            purchases,
            { reason: refusal.reason, field: "purchaseId", path: "state.heldKey" },
            [externalKey],
            call,
          )
        : refusal,
  });
