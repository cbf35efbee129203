import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/contract/v1/contract_events";
import { isoDate } from "@keynode/decider/calendar-date";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { contractListing } from "./api/list.ts";
import type { ContractCommand } from "./domain/contract/command.ts";
import type { ContractContext } from "./domain/contract/context.ts";
import { decide } from "./domain/contract/decide.ts";
import type { ContractEvent } from "./domain/contract/events.ts";
import { evolve } from "./domain/contract/evolve.ts";
import type { ContractState } from "./domain/contract/state.ts";

export const contractAggregate = defineAggregate<ContractState, ContractCommand, ContractEvent, ContractContext>({
  name: "contract",
  collection: "contracts",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ title, signedDate }) => ({ titleKey: sortKey(title), signedOn: signedDate && isoDate(signedDate) }),
  onDeleted: ["DeleteContract", "UndeleteContract"],
  indexes: [
    ...listIndexes(contractListing),
    // No reason for a refusal: numbers are reserved, so a second contract of one number is a fault.
    { name: "number", key: { tenant: 1, "state.number": 1 }, unique: true },
  ],
});

export type ContractStore = Store<ContractState, ContractCommand, ContractEvent, ContractContext>;
