import type { Sequence } from "@keynode/aggregate/sequence";
import type { ContextFor } from "@keynode/aggregate/store";
import { dateIn } from "@keynode/decider/calendar-date";
import type { ContractCommand } from "../domain/contract/command.ts";
import type { ContractContext } from "../domain/contract/context.ts";
import type { ContractState } from "../domain/contract/state.ts";
import type { PurchaseCommand } from "../domain/purchase/command.ts";
import type { PurchaseContext } from "../domain/purchase/context.ts";
import type { PurchaseState } from "../domain/purchase/state.ts";
import { type Lookup, nothingNamed } from "./lookup.ts";

/** What a decision about a contract may know: the time, the actor, and what its command makes it ask. */
export const contractContext =
  (lookup: Lookup, numbers: Sequence): ContextFor<ContractState, ContractContext, ContractCommand> =>
  async (attempt, _state, command) => {
    const { now, actor, tenant } = attempt;
    const unasked: ContractContext = { ...nothingNamed, now, actor, today: dateIn("UTC", now), number: "" };
    switch (command.type) {
      case "CreateContract": {
        const [looked, number] = await Promise.all([lookup.named(attempt, command.contract ?? {}), numbers(tenant)]);
        return { ...unasked, ...looked, number: contractNumber(number) };
      }
      case "UpdateContract":
        return { ...unasked, ...(await lookup.named(attempt, { lines: command.contract?.lines })) };
      case "SignContract":
        return { ...unasked, today: dateIn(await lookup.timeZone(attempt), now) };
      default:
        return unasked;
    }
  };

/** What a decision about a purchase may know. */
export const purchaseContext =
  (lookup: Lookup): ContextFor<PurchaseState, PurchaseContext, PurchaseCommand> =>
  async (attempt, _state, command) => {
    const { now } = attempt;
    if (command.type !== "CreatePurchase") return { ...nothingNamed, now, today: dateIn("UTC", now) };
    const [looked, timeZone] = await Promise.all([
      lookup.named(attempt, command.purchase ?? {}),
      lookup.timeZone(attempt),
    ]);
    return { ...looked, now, today: dateIn(timeZone, now) };
  };

/** `C-000042`: sorts as it counts until a tenant has a million contracts. */
const contractNumber = (count: bigint): string => `C-${String(count).padStart(6, "0")}`;
