import { newId } from "@keynode/aggregate/type-id";
import { Account } from "@keynode/contracts/crm/account/v1/account";
import { AccountCreated, AccountDeleted, AccountEdited } from "@keynode/contracts/crm/account/v1/account_events";
import { Product } from "@keynode/contracts/crm/contract/v1/product";
import { ProductCreated } from "@keynode/contracts/crm/contract/v1/product_events";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamCreated, TeamDeleted, TeamEdited } from "@keynode/contracts/crm/identity/v1/team_events";
import { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import { TenantCreated } from "@keynode/contracts/crm/identity/v1/tenant_events";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserCreated } from "@keynode/contracts/crm/identity/v1/user_events";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import {
  LeadCaptured,
  LeadConverted,
  LeadDisqualified,
  LeadEdited,
  LeadQualified,
} from "@keynode/contracts/crm/lead/v1/lead_events";
import { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import {
  OpportunityDeleted,
  OpportunityEdited,
  OpportunityImported,
  OpportunityOpened,
  OpportunityRestored,
} from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import { PipelineCreated } from "@keynode/contracts/crm/opportunity/v1/pipeline_events";
import type { MessageCodec, Recorded } from "@keynode/messaging/recorded";

type Codec<Message> = MessageCodec<Message> & { fromPartial(partial: object): Message };
type Known = { readonly id: string };

/** The day `2017-03-01` as messages have it. */
export const day = (iso: string) => {
  const [year = 0, month = 0, dayOfMonth = 0] = iso.split("-").map(Number);
  return { year, month, day: dayOfMonth };
};

export const usd = (units: bigint, nanos = 0) => ({ currencyCode: "USD", units, nanos });

/** A deal that was won or lost on a day, at a value. */
export const closed = (outcome: "WON" | "LOST", on: string, value = usd(0n)): Partial<Opportunity> => ({
  status: outcome,
  close: {
    outcome,
    reason: "PRICE",
    note: "",
    closeDate: day(on),
    closeTime: new Date(`${on}T12:00:00Z`),
    closedBy: "",
    value,
  },
});

/** The events of one tenant, as the services that own the records would publish them. */
export const factsOf = (tenant: string) => {
  const fact =
    <Snapshot extends Known, Message>(
      context: string,
      kind: string,
      { type, codec }: { readonly type: string; readonly codec: Codec<Message> },
      complete: (partial: Partial<Snapshot>) => Snapshot,
    ) =>
    (partial: Partial<Snapshot>, version = 1, more: object = {}): Recorded => {
      const snapshot = complete({ ...partial, id: partial.id ?? (kind === "tenant" ? tenant : newId(kind)) });
      return {
        id: newId("event"),
        type,
        context,
        tenant,
        kind,
        recordId: snapshot.id,
        version,
        index: 0,
        count: 1,
        at: new Date("2017-01-01T00:00:00Z"),
        actor: "user_1",
        data: codec.encode(codec.fromPartial({ ...more, snapshot })).finish(),
      };
    };

  const deal = (partial: Partial<Opportunity>): Opportunity =>
    Opportunity.fromPartial({ status: "OPEN", stageKey: "prospecting", pipelineId: "pipeline_1", ...partial });
  const of = {
    opportunity: <Message>(type: string, codec: Codec<Message>) =>
      fact<Opportunity, Message>("opportunity", "opportunity", { type, codec }, deal),
    lead: <Message>(type: string, codec: Codec<Message>) =>
      fact<Lead, Message>("lead", "lead", { type, codec }, (lead) =>
        Lead.fromPartial({ status: "NEW", stage: "POTENTIAL", ...lead }),
      ),
    account: <Message>(type: string, codec: Codec<Message>) =>
      fact<Account, Message>("account", "account", { type, codec }, (account) =>
        Account.fromPartial({ stage: "POTENTIAL", ...account }),
      ),
    team: <Message>(type: string, codec: Codec<Message>) =>
      fact<Team, Message>("identity", "team", { type, codec }, Team.fromPartial.bind(Team)),
  };
  return {
    tenant,
    dealOpened: of.opportunity("OpportunityOpened", OpportunityOpened),
    dealImported: of.opportunity("OpportunityImported", OpportunityImported),
    dealEdited: of.opportunity("OpportunityEdited", OpportunityEdited),
    dealDeleted: of.opportunity("OpportunityDeleted", OpportunityDeleted),
    dealRestored: of.opportunity("OpportunityRestored", OpportunityRestored),
    leadCaptured: of.lead("LeadCaptured", LeadCaptured),
    leadEdited: of.lead("LeadEdited", LeadEdited),
    leadQualified: of.lead("LeadQualified", LeadQualified),
    leadDisqualified: of.lead("LeadDisqualified", LeadDisqualified),
    leadConverted: of.lead("LeadConverted", LeadConverted),
    accountCreated: of.account("AccountCreated", AccountCreated),
    accountEdited: of.account("AccountEdited", AccountEdited),
    accountDeleted: of.account("AccountDeleted", AccountDeleted),
    teamCreated: of.team("TeamCreated", TeamCreated),
    teamEdited: of.team("TeamEdited", TeamEdited),
    teamDeleted: of.team("TeamDeleted", TeamDeleted),
    tenantCreated: fact<Tenant, TenantCreated>(
      "identity",
      "tenant",
      { type: "TenantCreated", codec: TenantCreated },
      (partial) => Tenant.fromPartial({ currency: "USD", timeZone: "UTC", ...partial }),
    ),
    userCreated: fact<User, UserCreated>(
      "identity",
      "user",
      { type: "UserCreated", codec: UserCreated },
      User.fromPartial.bind(User),
    ),
    productCreated: fact<Product, ProductCreated>(
      "contract",
      "product",
      { type: "ProductCreated", codec: ProductCreated },
      Product.fromPartial.bind(Product),
    ),
    pipelineCreated: fact<Pipeline, PipelineCreated>(
      "opportunity",
      "pipeline",
      { type: "PipelineCreated", codec: PipelineCreated },
      Pipeline.fromPartial.bind(Pipeline),
    ),
  };
};

export type Facts = ReturnType<typeof factsOf>;

/** A tenant of its own. */
export const newFacts = (): Facts => factsOf(newId("tenant"));
