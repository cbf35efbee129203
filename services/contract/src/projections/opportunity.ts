import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import {
  OpportunityImported,
  OpportunityLost,
  OpportunityOpened,
  OpportunityReopened,
  OpportunityRestored,
  OpportunityWon,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { MessageCodec } from "@keynode/messaging/recorded";
import type { Copy } from "@keynode/runtime/service-definition";

/** Which deals there are, and whether each is lost: all that the rules of contracts and purchases ask. */
export type OpportunityRow = { isLost: boolean };

/** Events that say how a deal stands; each is its commit's last and so carries the deal. */
const telling: Readonly<Record<string, MessageCodec<{ snapshot?: Opportunity | undefined }>>> = {
  OpportunityOpened,
  OpportunityImported,
  OpportunityWon,
  OpportunityLost,
  OpportunityReopened,
  OpportunityRestored,
};

export const opportunityProjection = defineProjection<{ opportunities: OpportunityRow }>({
  name: "opportunities",
  from: { opportunity: [...Object.keys(telling), "OpportunityDeleted"] },
  tables: { opportunities: {} },
  apply: async ({ type, data, recordId: id, tenant, version }, { opportunities }) => {
    const place = { id, tenant, version };
    if (type === "OpportunityDeleted") return await opportunities.bury(place);
    const deal = telling[type]?.decode(data).snapshot;
    if (deal !== undefined) await opportunities.keep(place, { isLost: deal.status === "LOST" });
  },
});

export type OpportunityCopy = Copy<{ opportunities: OpportunityRow }>;
