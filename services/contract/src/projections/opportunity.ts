import { snapshotOf } from "@keynode/api/snapshot";
import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import * as events from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** Which deals there are, and whether each is lost: all that the rules of contracts and purchases ask. */
export type OpportunityRow = { isLost: boolean };

export const opportunityProjection = defineProjection<{ opportunities: OpportunityRow }>({
  name: "opportunities",
  from: {
    opportunity: [
      "OpportunityOpened",
      "OpportunityImported",
      "OpportunityWon",
      "OpportunityLost",
      "OpportunityReopened",
      "OpportunityDeleted",
      "OpportunityRestored",
    ],
  },
  tables: { opportunities: {} },
  apply: async (event, { opportunities }) => {
    const deal = snapshotOf<Opportunity>(event, events);
    if (deal === undefined) return;
    const { recordId: id, tenant, version } = event;
    const place = { id, tenant, version };
    await (deal.deleteTime === undefined
      ? opportunities.keep(place, { isLost: deal.status === "LOST" })
      : opportunities.bury(place));
  },
});

export type OpportunityCopy = Copy<{ opportunities: OpportunityRow }>;
