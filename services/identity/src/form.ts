import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { Form } from "@keynode/contracts/crm/identity/v1/form";
import * as codecs from "@keynode/contracts/crm/identity/v1/form_events";
import { listIndexes } from "@keynode/query/listing";
import { formListing } from "./api/form-list.ts";
import { type FormCommand, type FormContext, formDecider, type FormEvent } from "./domain/form/form.ts";

export const formAggregate = defineAggregate<Form, FormCommand, FormEvent, FormContext>({
  name: "form",
  collection: "forms",
  decider: formDecider,
  events: codecs,
  onDeleted: ["DeleteForm", "UndeleteForm"],
  indexes: listIndexes(formListing),
});

export type FormStore = Store<Form, FormCommand, FormEvent, FormContext>;

/** A collection of a tenant has one form. */
export const formIdOf = (tenant: string, collection: string): string => derivedId("form", tenant, collection);
