import { type EventModule, messageOf, snapshotOf } from "@keynode/api/snapshot";
import type { Account } from "@keynode/contracts/crm/account/v1/account";
import * as accountEvents from "@keynode/contracts/crm/account/v1/account_events";
import type { Product } from "@keynode/contracts/crm/contract/v1/product";
import * as productEvents from "@keynode/contracts/crm/contract/v1/product_events";
import type { Team } from "@keynode/contracts/crm/identity/v1/team";
import * as teamEvents from "@keynode/contracts/crm/identity/v1/team_events";
import type { Tenant } from "@keynode/contracts/crm/identity/v1/tenant";
import * as tenantEvents from "@keynode/contracts/crm/identity/v1/tenant_events";
import type { User } from "@keynode/contracts/crm/identity/v1/user";
import * as userEvents from "@keynode/contracts/crm/identity/v1/user_events";
import type { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import * as leadEvents from "@keynode/contracts/crm/lead/v1/lead_events";
import type { Opportunity } from "@keynode/contracts/crm/opportunity/v1/opportunity";
import * as opportunityEvents from "@keynode/contracts/crm/opportunity/v1/opportunity_events";
import type { Pipeline } from "@keynode/contracts/crm/opportunity/v1/pipeline";
import * as pipelineEvents from "@keynode/contracts/crm/opportunity/v1/pipeline_events";
import type { Tables } from "@keynode/messaging/generation";
import type { Recorded } from "@keynode/messaging/recorded";
import type { RowPlace, Table } from "@keynode/messaging/table";
import { customerRow } from "./customer.ts";
import { dealFacts } from "./deal.ts";
import { leadFacts } from "./lead.ts";
import { openLoan } from "./loan.ts";
import type { SalesRows } from "./rows.ts";

/** Events by the kind of record that they are about, and the contexts that record them. */
const sources = {
  opportunity: { context: "opportunity", events: opportunityEvents },
  pipeline: { context: "opportunity", events: pipelineEvents },
  lead: { context: "lead", events: leadEvents },
  account: { context: "account", events: accountEvents },
  product: { context: "contract", events: productEvents },
  user: { context: "identity", events: userEvents },
  team: { context: "identity", events: teamEvents },
  tenant: { context: "identity", events: tenantEvents },
} as const satisfies Record<string, { context: string; events: EventModule }>;

type Kind = keyof typeof sources;

/** They come often, stand alone in their commits and change nothing that reports show. */
const passedOver: ReadonlySet<string> = new Set(["UserSignedIn", "UserSignedOut"]);

const typesOf = (events: EventModule): string[] =>
  Object.entries(events)
    .filter(
      ([type, codec]) => typeof codec === "object" && codec !== null && "decode" in codec && !passedOver.has(type),
    )
    .map(([type]) => type)
    .toSorted();

const kindOf: ReadonlyMap<string, Kind> = new Map(
  (Object.keys(sources) as Kind[]).flatMap((kind) =>
    typesOf(sources[kind].events).map((type) => [`${sources[kind].context}.${type}`, kind]),
  ),
);

/** Every type of event that any commit of these records may end with, by context. */
export const factTypes: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Map.groupBy(Object.values(sources), ({ context }) => context)
    .entries()
    .map(([context, found]) => [context, found.flatMap(({ events }) => typesOf(events))]),
);

type Fold = (event: Recorded) => Promise<void>;

/** What to do with a record's newest state, and when it is deleted. */
type Upkeep<Snapshot> = {
  readonly keep: (place: RowPlace, snapshot: Snapshot) => Promise<void>;
  readonly bury: (place: RowPlace) => Promise<void>;
};

/** Folds events into the tables of one generation. */
export const openFolds = (tables: Tables<SalesRows>): Fold => {
  const sectors = openLoan(tables.customers, tables.deals, { field: "sector", by: "accountId" });
  const regions = openLoan(tables.teams, tables.deals, { field: "region", by: "teamId" });
  const qualifications = openLoan(tables.qualifications, tables.leads, { field: "qualifiedAt", by: "_id" });

  const deals: Upkeep<Opportunity> = {
    keep: async (place, snapshot) => {
      const facts = dealFacts(snapshot);
      const { accountId, teamId } = facts;
      const [sector, region] = await Promise.all([sectors.borrow(place, accountId), regions.borrow(place, teamId)]);
      await tables.deals.keep(place, {
        ...facts,
        sector: textOf(sector.value),
        region: textOf(region.value),
        lent: { sector: sector.version, region: region.version },
      });
      await Promise.all([sectors.renew(place, accountId), regions.renew(place, teamId)]);
    },
    bury: tables.deals.bury,
  };

  const leads: Upkeep<Lead> = {
    keep: async (place, snapshot) => {
      const { value, version } = await qualifications.borrow(place, place.id);
      const qualifiedAt = value instanceof Date ? value : undefined;
      await tables.leads.keep(place, { ...leadFacts(snapshot), qualifiedAt, lent: { qualifiedAt: version } });
      await qualifications.renew(place, place.id);
    },
    bury: tables.leads.bury,
  };

  const qualified: Fold = async (event) => {
    const { qualification } = (messageOf(event, leadEvents) ?? {}) as Partial<leadEvents.LeadQualified>;
    const qualifiedAt = qualification?.decideTime ?? event.at;
    await tables.qualifications.keep(placeOf(event), { qualifiedAt });
    await qualifications.lend(placeOf(event), qualifiedAt);
  };

  const customers: Upkeep<Account> = {
    keep: async (place, snapshot) => {
      const row = customerRow(snapshot);
      await tables.customers.keep(place, row);
      await sectors.lend(place, row.sector);
    },
    bury: async (place) => {
      await tables.customers.bury(place);
      await sectors.lend(place, undefined);
    },
  };

  const teams: Upkeep<Team> = {
    keep: async (place, { name, region }) => {
      await tables.teams.keep(place, { name, region: region || undefined });
      await regions.lend(place, region || undefined);
    },
    bury: async (place) => {
      await tables.teams.bury(place);
      await regions.lend(place, undefined);
    },
  };

  const folds: Readonly<Record<Kind, Fold>> = {
    opportunity: folded(opportunityEvents, deals),
    pipeline: folded(
      pipelineEvents,
      copied(tables.pipelines, ({ stages, default: isDefault, createTime }: Pipeline) => ({
        stageKeys: stages.map(({ key }) => key),
        isDefault,
        createdAt: createTime,
      })),
    ),
    lead: async (event) => {
      if (event.type === "LeadQualified") await qualified(event);
      await folded(leadEvents, leads)(event);
    },
    account: folded(accountEvents, customers),
    product: folded(productEvents, copied(tables.products, named<Product>)),
    user: folded(userEvents, copied(tables.users, named<User>)),
    team: folded(teamEvents, teams),
    tenant: folded(
      tenantEvents,
      copied(tables.tenants, ({ currency, timeZone }: Tenant) => ({
        currency: currency || undefined,
        timeZone: timeZone || "Asia/Shanghai",
      })),
    ),
  };

  return async (event) => {
    const kind = kindOf.get(`${event.context}.${event.type}`);
    if (kind !== undefined) await folds[kind](event);
  };
};

const placeOf = ({ recordId: id, tenant, version }: Recorded): RowPlace => ({ id, tenant, version });

const folded =
  <Snapshot extends { deleteTime?: Date | undefined }>(events: EventModule, { keep, bury }: Upkeep<Snapshot>): Fold =>
  async (event) => {
    const snapshot = snapshotOf<Snapshot>(event, events);
    if (snapshot === undefined) return;
    await (snapshot.deleteTime === undefined ? keep(placeOf(event), snapshot) : bury(placeOf(event)));
  };

const copied = <Snapshot, Row extends object>(
  table: Table<Row>,
  rowOf: (snapshot: Snapshot) => Row,
): Upkeep<Snapshot> => ({ keep: (place, snapshot) => table.keep(place, rowOf(snapshot)), bury: table.bury });

const named = <Snapshot extends { name: string }>({ name }: Snapshot): { name: string } => ({ name });

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
