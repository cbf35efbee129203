import type { ContextFor } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import { reactionScope, settled } from "@keynode/api/reaction";
import { ContractSigned } from "@keynode/contracts/crm/contract/v1/contract_events";
import { Purchase } from "@keynode/contracts/crm/contract/v1/purchase";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { PurchaseCommand } from "../domain/purchase/command.ts";
import type { PurchaseContext } from "../domain/purchase/context.ts";
import type { PurchaseState } from "../domain/purchase/state.ts";
import type { PurchaseStore } from "../purchase.ts";

/** C-017, C-057. What was signed was bought: one purchase for each contract, under an id that follows from it. */
export const onContractSigned = (
  purchases: PurchaseStore,
  context: ContextFor<PurchaseState, PurchaseContext, PurchaseCommand>,
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-contract-signed",
  from: { contract: ["ContractSigned"] },
  handle: async (event) => {
    const purchase = purchaseOf(ContractSigned.decode(event.data), event.recordId);
    const id = derivedId("purchase", event.tenant, event.recordId);
    const scope = reactionScope(name, event, now());
    settled(await purchases.create({ type: "RecordContractPurchase", purchase }, scope, context, id), event, log);
  },
});

const purchaseOf = (signed: ContractSigned, contractId: string): Purchase => {
  const { ownerId, teamId, accountId, opportunityId, lines, value: amount, signedDate: purchaseDate } = signed;
  return Purchase.fromPartial({ ownerId, teamId, accountId, opportunityId, contractId, lines, amount, purchaseDate });
};
