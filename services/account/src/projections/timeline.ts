import { contended } from "@keynode/aggregate/contended";
import { type EventModule, messageOf } from "@keynode/api/snapshot";
import * as accountEvents from "@keynode/contracts/crm/account/v1/account_events";
import * as contactEvents from "@keynode/contracts/crm/account/v1/contact_events";
import * as keyNodeEvents from "@keynode/contracts/crm/account/v1/key_node_events";
import * as contractEvents from "@keynode/contracts/crm/contract/v1/contract_events";
import * as purchaseEvents from "@keynode/contracts/crm/contract/v1/purchase_events";
import * as taskEvents from "@keynode/contracts/crm/engagement/v1/task_events";
import * as leadEvents from "@keynode/contracts/crm/lead/v1/lead_events";
import * as opportunityEvents from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import * as caseEvents from "@keynode/contracts/crm/service/v1/case_events";
import { defineProjection } from "@keynode/messaging/projection";
import type { Recorded } from "@keynode/messaging/recorded";
import type { Copy } from "@keynode/runtime/service-definition";
import { sentences } from "./sentences.ts";

/** One thing that happened to a customer. `accountId` is empty while the customer is a lead. */
export type EntryRow = {
  accountId: string;
  leadId: string;
  time: Date;
  context: string;
  eventType: string;
  recordKind: string;
  recordId: string;
  actor: string;
  params: Record<string, string>;
};

/** A lead that we have heard of, and the account it became. */
export type LeadRow = { accountId: string };

export type TimelineCopy = Copy<{ entries: EntryRow; leads: LeadRow }>;

const modules: Readonly<Record<string, EventModule>> = {
  lead: leadEvents,
  account: { ...accountEvents, ...contactEvents, ...keyNodeEvents },
  opportunity: opportunityEvents,
  contract: { ...contractEvents, ...purchaseEvents },
  service: caseEvents,
  engagement: taskEvents,
};

const told = (events: EventModule): string[] => Object.keys(events).filter((type) => Object.hasOwn(sentences, type));

/**
 * What happened to each customer, in all services. What happened to a lead is the account's from the conversion on,
 * whichever of the two is heard of first: each side repairs what the other has left.
 */
export const timeline = defineProjection<{ entries: EntryRow; leads: LeadRow }>({
  name: "timeline",
  from: Object.fromEntries(Object.entries(modules).map(([context, events]) => [context, told(events)])),
  tables: {
    entries: {
      indexes: [
        { key: { tenant: 1, accountId: 1, time: -1, _id: -1 }, name: "list_accountId_time_desc" },
        { key: { tenant: 1, leadId: 1, accountId: 1 }, name: "lead" },
      ],
    },
    leads: {},
  },
  apply: async (event, { entries, leads }) => {
    const { tenant } = event;
    const message = messageOf(event, modules[event.context] ?? {});
    if (message === undefined) return;
    for (const { leadId, accountId } of conversions(event, message)) {
      await leads.keep({ id: leadId, tenant, version: 2 }, { accountId });
      await contended(() => entries.rows.updateMany({ tenant, leadId, accountId: "" }, { $set: { accountId } }));
    }

    const { accountId, leadId } = customerOf(event, message);
    if (accountId === "" && leadId === "") return;
    const place = { id: event.id, tenant, version: 1 };
    await entries.keep(place, { ...entryOf(event, message), accountId, leadId });
    if (accountId !== "") return;
    // After the entry was kept: a conversion that is heard of from here on repairs the entry itself.
    const lead = await leads.find({ id: leadId, tenant });
    if (lead?.accountId)
      await entries.rows.updateOne({ _id: event.id, tenant, accountId: "" }, { $set: { accountId: lead.accountId } });
    else if (lead === undefined && event.kind === "lead")
      await leads.keep({ id: leadId, tenant, version: 1 }, { accountId: "" });
  },
});

const entryOf = (event: Recorded, message: object): Omit<EntryRow, "accountId" | "leadId"> => ({
  time: event.at,
  context: event.context,
  eventType: event.type,
  recordKind: event.kind,
  recordId: event.recordId,
  actor: event.actor,
  params: Object.fromEntries(
    (sentences[event.type]?.fills ?? []).map((path) => [path.slice(path.lastIndexOf(".") + 1), textAt(message, path)]),
  ),
});

/** The leads that an event says have become an account. */
const conversions = ({ type, recordId }: Recorded, message: object): { leadId: string; accountId: string }[] => {
  if (type === "AccountLeadJoined") return [{ leadId: textAt(message, "leadId"), accountId: recordId }];
  if (type !== "AccountCreated") return [];
  const leadIds = valueAt(message, "account.leadIds");
  return Array.isArray(leadIds) ? leadIds.map((leadId) => ({ leadId: String(leadId), accountId: recordId })) : [];
};

/** Whom an event is about: the record itself, or the customer that the message names. */
const customerOf = ({ kind, recordId }: Recorded, message: object): { accountId: string; leadId: string } => {
  if (kind === "account") return { accountId: recordId, leadId: "" };
  if (kind === "lead") return { accountId: "", leadId: recordId };
  const named = (name: string): string =>
    ["", "snapshot.", `${recordFields[kind] ?? kind}.`]
      .map((prefix) => textAt(message, `${prefix}${name}`))
      .find((id) => id !== "") ?? "";
  return { accountId: named("accountId"), leadId: named("leadId") };
};

/** Field of the record in the event that began it, where it is not the kind's name. */
const recordFields: Readonly<Record<string, string>> = { keynode: "keyNode" };

const valueAt = (message: object, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
      message,
    );

const textAt = (message: object, path: string): string => {
  const value = valueAt(message, path);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};
