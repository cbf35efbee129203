import { awaitCopy } from "@keynode/api/own-copy";
import { NotYet } from "@keynode/api/reaction";
import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { BehaviourStore } from "../behaviour.ts";
import type { ConversionCopy } from "../projections/conversions.ts";
import { attribute } from "./attribute.ts";

/**
 * C-028. What a lead did is the account's from the conversion on. Behaviours are looked for only once our copy knows of
 * the conversion: one that is recorded later finds it there, so none falls between.
 */
export const onConversion = (
  behaviours: BehaviourStore,
  conversions: ConversionCopy,
  tools: ServiceTools,
): Reactor => ({
  name: "on-conversion",
  from: { lead: ["LeadConversionRequested"] },
  handle: async (event) => {
    const { tenant, recordId: leadId } = event;
    const known = await awaitCopy(() => conversions.tables().conversions.findOne({ _id: leadId, tenant }));
    if (known === undefined) throw new NotYet(`the conversion of ${leadId} is not in the copy`);
    const { accountId } = LeadConversionRequested.decode(event.data);
    const unclaimed = { "state.leadId": leadId, "state.accountId": "" };
    await attribute(behaviours, tools, event, unclaimed, { leadId, accountId });
  },
});
