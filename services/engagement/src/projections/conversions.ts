import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Copy } from "@keynode/runtime/service-definition";

/** The account that a lead became or joined. `_id` is the lead's. */
export type ConversionRow = { accountId: string };

export type ConversionCopy = Copy<{ conversions: ConversionRow }>;

/** Our copy of which leads became which accounts. */
export const conversions = defineProjection<{ conversions: ConversionRow }>({
  name: "conversions",
  from: { lead: ["LeadConversionRequested"] },
  tables: { conversions: {} },
  apply: async (event, tables) => {
    const { accountId } = LeadConversionRequested.decode(event.data);
    await tables.conversions.keep({ id: event.recordId, tenant: event.tenant, version: event.version }, { accountId });
  },
});
