import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { TemplateApplication } from "@keynode/contracts/crm/identity/v1/template_application";
import * as codecs from "@keynode/contracts/crm/identity/v1/template_application_events";
import { listIndexes } from "@keynode/query/listing";
import { templateApplicationListing } from "./api/template-application-list.ts";
import {
  type TemplateApplicationCommand,
  type TemplateApplicationContext,
  templateApplicationDecider,
  type TemplateApplicationEvent,
} from "./domain/template-application/template-application.ts";

export const templateApplicationAggregate = defineAggregate<
  TemplateApplication,
  TemplateApplicationCommand,
  TemplateApplicationEvent,
  TemplateApplicationContext
>({
  name: "templateapplication",
  collection: "templateApplications",
  decider: templateApplicationDecider,
  events: codecs,
  indexes: listIndexes(templateApplicationListing),
});

export type TemplateApplicationStore = Store<
  TemplateApplication,
  TemplateApplicationCommand,
  TemplateApplicationEvent,
  TemplateApplicationContext
>;

/** A tenant has one for each template. */
export const templateApplicationIdOf = (tenant: string, templateKey: string): string =>
  derivedId("templateapplication", tenant, templateKey);
