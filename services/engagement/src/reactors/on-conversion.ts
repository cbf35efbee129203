import { awaitCopy } from "@keynode/api/own-copy";
import { NotYet } from "@keynode/api/reaction";
import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import type { CustomersChildren } from "@keynode/runtime/customers-children";
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
  followed: CustomersChildren,
  tools: ServiceTools,
): Reactor => ({
  name: "on-conversion",
  from: { lead: ["LeadConversionRequested"] },
  handle: async (event) => {
    const { tenant, recordId: leadId } = event;
    const known = await awaitCopy(() => conversions.tables().conversions.findOne({ _id: leadId, tenant }));
    if (known === undefined) throw new NotYet(`the conversion of ${leadId} is not in the copy`);
    const { accountId, joinsAccount } = LeadConversionRequested.decode(event.data);
    // One that exists may be somebody else's; one that is made now is the lead's owner's, as what the lead did is.
    const isHeardOf = () => followed.belonging(tenant, { accountId, leadId: "" });
    if (joinsAccount && (await awaitCopy(isHeardOf)) === undefined) throw new NotYet(`${accountId} is not in the copy`);
    const unclaimed = { "state.leadId": leadId, "state.accountId": "" };
    await attribute(behaviours, tools, event, unclaimed, { leadId, accountId }, followed);
  },
});
