import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import { isoDate } from "@keynode/decider/calendar-date";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { opportunityListing } from "./api/list.ts";
import type { OpportunityCommand } from "./domain/opportunity/command.ts";
import type { OpportunityContext } from "./domain/opportunity/context.ts";
import { decide } from "./domain/opportunity/decide.ts";
import type { OpportunityEvent } from "./domain/opportunity/events.ts";
import { evolve } from "./domain/opportunity/evolve.ts";
import type { OpportunityState } from "./domain/opportunity/state.ts";

export const opportunityAggregate = defineAggregate<
  OpportunityState,
  OpportunityCommand,
  OpportunityEvent,
  OpportunityContext
>({
  name: "opportunity",
  collection: "opportunities",
  decider: { decide, evolve },
  events: codecs,
  derive: ({ name, externalKey, deleteTime, expectedCloseDate, close }) => ({
    nameKey: sortKey(name),
    heldKey: externalKey === "" || deleteTime !== undefined ? undefined : externalKey,
    expectedCloseOn: expectedCloseDate && isoDate(expectedCloseDate),
    closeOn: close?.closeDate && isoDate(close.closeDate),
  }),
  // What becomes of a deal's contracts is noted on a deleted deal too: it may come back.
  onDeleted: ["DeleteOpportunity", "UndeleteOpportunity", "LinkContract", "UnlinkContract"],
  indexes: [
    ...listIndexes(opportunityListing),
    {
      name: "heldKey",
      key: { tenant: 1, "state.heldKey": 1 },
      unique: true,
      partialFilterExpression: { "state.heldKey": { $exists: true } },
    },
  ],
  uniqueReasons: { heldKey: "OPPORTUNITY_EXISTS" },
});

export type OpportunityStore = Store<OpportunityState, OpportunityCommand, OpportunityEvent, OpportunityContext>;
