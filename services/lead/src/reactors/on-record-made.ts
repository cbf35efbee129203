import { reactionScope, settled } from "@keynode/api/reaction";
import { AccountCreated, AccountLeadJoined } from "@keynode/contracts/crm/account/v1/account_events";
import { ContactCreated } from "@keynode/contracts/crm/account/v1/contact_events";
import { OpportunityOpened } from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import { leadContext } from "../api/context.ts";
import type { ConversionPart } from "../domain/lead/state.ts";
import type { LeadStore } from "../lead.ts";

/** C-028. The account, contact or opportunity of a conversion exists: the lead takes note, the last one completes it. */
export const onRecordMade = (leads: LeadStore, { name, now, log }: ServiceTools): Reactor => ({
  name: "on-record-made",
  from: { account: ["AccountCreated", "AccountLeadJoined", "ContactCreated"], opportunity: ["OpportunityOpened"] },
  handle: async (event) => {
    const made = recordOf(event);
    if (made === undefined) return;
    const confirm = { type: "ConfirmConversion", part: made.part } as const;
    for (const leadId of made.leadIds) {
      settled(await leads.execute(leadId, confirm, reactionScope(name, event, now()), leadContext), event, log);
    }
  },
});

const recordOf = ({ type, data }: Recorded): { part: ConversionPart; leadIds: readonly string[] } | undefined => {
  switch (type) {
    case "AccountCreated":
      return { part: "ACCOUNT", leadIds: AccountCreated.decode(data).account?.leadIds ?? [] };
    case "AccountLeadJoined":
      return { part: "ACCOUNT", leadIds: [AccountLeadJoined.decode(data).leadId] };
    case "ContactCreated":
      return { part: "CONTACT", leadIds: named(ContactCreated.decode(data).contact?.leadId) };
    case "OpportunityOpened":
      return { part: "OPPORTUNITY", leadIds: named(OpportunityOpened.decode(data).opportunity?.leadId) };
    default:
      return undefined;
  }
};

const named = (leadId: string | undefined): string[] => (leadId === undefined || leadId === "" ? [] : [leadId]);
