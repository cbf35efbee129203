import { deleted, reassigned, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import type { PurchaseCommand } from "./command.ts";
import { createPurchase } from "./commands/create-purchase.ts";
import type { PurchaseContext } from "./context.ts";
import type { PurchaseEvent } from "./events.ts";
import type { PurchaseState } from "./state.ts";

/** A purchase is a fact: it is recorded, deleted and brought back, never changed. */
export const decide = decideBy<PurchaseCommand, PurchaseState, PurchaseEvent, PurchaseContext>({
  CreatePurchase: createPurchase,
  RecordContractPurchase: ({ purchase }) => [{ type: "PurchaseRecorded", purchase }],
  ReassignPurchase: onRecord((to, state) => reassigned("Purchase", state, to)),
  DeletePurchase: onRecord((_command, state, context) => deleted("Purchase", state, context)),
  UndeletePurchase: onRecord((_command, state) => restored("Purchase", state)),
});
