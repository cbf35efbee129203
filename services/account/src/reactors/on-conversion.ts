import type { ContextFor } from "@keynode/aggregate/store";
import { reactionScope, settled } from "@keynode/api/reaction";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { Contact } from "@keynode/contracts/crm/account/v1/contact";
import type { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadConversionRequested } from "@keynode/contracts/crm/lead/v1/lead_events";
import { Poison } from "@keynode/messaging/fault";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Reactor, ServiceTools } from "@keynode/runtime/service-definition";
import type { Filter } from "mongodb";
import type { ContactStore } from "../contact.ts";
import type { AccountCommand } from "../domain/account/command.ts";
import type { AccountContext } from "../domain/account/context.ts";
import type { AccountState } from "../domain/account/state.ts";
import type { KeyNodeState } from "../domain/key-node/state.ts";
import { type KeyNodeStores, reactionContext } from "./record-key-node.ts";

/** C-028. A lead becomes an account, or joins one, and its person a contact, under the ids that the lead named. */
export const onConversion = (
  {
    accounts,
    contacts,
    keyNodes,
    followed,
    accountContext,
  }: KeyNodeStores & {
    contacts: ContactStore;
    accountContext: ContextFor<AccountState, AccountContext, AccountCommand>;
  },
  { name, now, log }: ServiceTools,
): Reactor => ({
  name: "on-conversion",
  from: { lead: ["LeadConversionRequested"] },
  handle: async (event) => {
    const { accountId, contactId, joinsAccount, lead } = LeadConversionRequested.decode(event.data);
    if (lead === undefined) throw new Poison("a conversion without its lead");
    const scope = reactionScope(name, event, now());
    const { needs, interests } = lead;
    const joined = joinsAccount
      ? await accounts.execute(
          accountId,
          { type: "JoinLead", leadId: lead.id, needs, interests },
          scope,
          accountContext,
        )
      : await accounts.create({ type: "CreateFromLead", account: accountOf(lead) }, scope, accountContext, accountId);
    settled(joined, event, log);
    const contact = contactOf(lead, accountId);
    const knownAccount = () => ({ now: now(), accountExists: true });
    settled(await contacts.create({ type: "CreateContact", contact }, scope, knownAccount, contactId), event, log);

    const waiting: Filter<AggregateDocument<KeyNodeState>> = {
      tenant: event.tenant,
      "state.leadId": lead.id,
      "state.accountId": "",
    };
    for await (const { _id } of keyNodes.collection.find(waiting, { projection: { _id: 1 } })) {
      const join = { type: "JoinAccount", accountId } as const;
      const joined = settled(await keyNodes.execute(_id, join, scope, reactionContext), event, log);
      if (joined !== undefined) await followed.settle(_id, joined.state, lead.ownerId, event);
    }
  },
});

const accountOf = (lead: Lead): Account =>
  Account.fromPartial({
    ownerId: lead.ownerId,
    teamId: lead.teamId,
    kind: lead.company === "" ? "PERSON" : "COMPANY",
    name: lead.company || lead.name,
    email: lead.company === "" ? lead.email : "",
    phone: lead.company === "" ? lead.phone : "",
    stage: lead.stage,
    stageChanges: lead.stageChanges.map(({ from, to, time }) => ({ from, to, time, causedBy: lead.id })),
    needs: lead.needs,
    interests: lead.interests,
    origin: { kind: "LEAD", detail: lead.sourceDetail || lead.source },
    leadIds: [lead.id],
    firstContactTime: lead.firstInquiryTime ?? lead.createTime,
  });

const contactOf = (lead: Lead, accountId: string): Contact =>
  Contact.fromPartial({
    ownerId: lead.ownerId,
    teamId: lead.teamId,
    accountId,
    leadId: lead.id,
    name: lead.name,
    email: lead.email,
    phone: lead.phone,
    jobTitle: lead.jobTitle,
    primary: true,
  });
