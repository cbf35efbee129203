import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/lead/v1/lead_events";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import type { AggregateDocument } from "@keynode/messaging/entry";
import type { Filter } from "mongodb";
import { leadListing } from "./api/list.ts";
import type { LeadCommand } from "./domain/lead/command.ts";
import type { LeadContext } from "./domain/lead/context.ts";
import { decide } from "./domain/lead/decide.ts";
import type { LeadEvent } from "./domain/lead/events.ts";
import { evolve } from "./domain/lead/evolve.ts";
import type { LeadState } from "./domain/lead/state.ts";

export const leadAggregate = defineAggregate<LeadState, LeadCommand, LeadEvent, LeadContext>({
  name: "lead",
  collection: "leads",
  decider: { decide, evolve },
  events: codecs,
  derive: (lead) => ({ nameKey: sortKey(lead.name), matchKeys: matchKeys(lead) }),
  onDeleted: ["DeleteLead", "UndeleteLead"],
  indexes: [
    ...listIndexes(leadListing),
    {
      name: "matchKeys",
      key: { tenant: 1, "state.matchKeys": 1 },
      unique: true,
      partialFilterExpression: { "state.matchKeys": { $exists: true } },
    },
  ],
  uniqueReasons: { matchKeys: "LEAD_EXISTS" },
});

/** What makes two leads the same person: none on deleted leads, so that others may take their place. */
export const matchKeys = ({
  email,
  phone,
  deleteTime,
}: Pick<LeadState, "email" | "phone" | "deleteTime">): string[] | undefined => {
  const keys = [...(email === "" ? [] : [`email:${email}`]), ...(phone === "" ? [] : [`phone:${phone}`])];
  return keys.length === 0 || deleteTime !== undefined ? undefined : keys;
};

export type LeadStore = Store<LeadState, LeadCommand, LeadEvent, LeadContext>;

/** Id of the lead that has one of these keys. */
export const holderOf = async (
  leads: LeadStore,
  tenant: string,
  keys: readonly string[] | undefined,
): Promise<string | undefined> => {
  if (keys === undefined) return undefined;
  const filter: Filter<AggregateDocument<LeadState>> = { tenant, "state.matchKeys": { $in: [...keys] } };
  return (await leads.collection.findOne(filter, { projection: { _id: 1 } }))?._id;
};
