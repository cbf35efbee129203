import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import * as codecs from "@keynode/contracts/crm/account/v1/contact_events";
import type { CrudCommand, CrudEvent } from "@keynode/decider/crud";
import { listIndexes } from "@keynode/query/listing";
import { sortKey } from "@keynode/query/sort-key";
import { contactListing } from "./api/list.ts";
import { type ContactContext, type ContactState, contactDecider } from "./domain/contact/rules.ts";

export type ContactCommand = CrudCommand<"Contact", "contact", ContactState>;
export type ContactEvent = CrudEvent<"Contact", "contact", ContactState>;
export type ContactStore = Store<ContactState, ContactCommand, ContactEvent, ContactContext>;

export const contactAggregate = defineAggregate<ContactState, ContactCommand, ContactEvent, ContactContext>({
  name: "contact",
  collection: "contacts",
  decider: contactDecider,
  events: codecs as never,
  derive: ({ name }) => ({ nameKey: sortKey(name) }),
  onDeleted: ["DeleteContact", "UndeleteContact"],
  indexes: listIndexes(contactListing),
});
