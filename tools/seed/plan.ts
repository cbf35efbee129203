import type { Account, Agent, Dataset, Deal, Product } from "./dataset.ts";

/** Answers the id that the tenant gave to a record of an earlier step, by its external key. */
export type IdOf = (externalKey: string) => string;

/** One record to create. `body` is its create request in proto3 JSON; it is asked for once the ids it needs are known. */
export type PlannedRecord = { readonly externalKey: string; readonly body: (idOf: IdOf) => object };

/** Records of one collection that need nothing of each other. */
export type Step = {
  readonly collection: string;
  /** Singular resource type: the key under which a result holds the record. */
  readonly type: string;
  /** The custom method that takes the batch. */
  readonly verb: "batchCreate" | "import";
  readonly records: readonly PlannedRecord[];
};

/** Currency of the history's values, as an ISO 4217 code. */
export const currency = "USD";

const dollars = (units: bigint) => ({ currencyCode: currency, units: units.toString(), nanos: 0 });

const calendarDate = (iso: string) => {
  const [year, month, day] = iso.split("-").map(Number);
  return { year, month, day };
};

/** `Mei-Mei Johns` → `mei-mei.johns@demo.keynode.example`; that domain can receive no mail (RFC 2606). */
export const emailOf = (name: string): string => {
  const local = name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z\d\s-]/g, "")
    .trim()
    .replace(/\s+/g, ".");
  return `${local}@demo.keynode.example`;
};

/** The pipeline stage a deal stands in, or stood in when it closed: the history leaves Engaging for won or lost. */
const stageKeys: Readonly<Record<Deal["stage"], string>> = {
  Prospecting: "prospecting",
  Engaging: "engaging",
  Won: "engaging",
  Lost: "engaging",
};

/** Every n-th deal, so that a sample of any size has every period and stage in it: deal ⌊i × all / size⌋ for i from 0. */
const sampled = (deals: readonly Deal[], size: number): Deal[] =>
  size >= deals.length
    ? [...deals]
    : Array.from({ length: size }, (_, index) => deals[Math.floor((index * deals.length) / size)]).filter(
        (deal) => deal !== undefined,
      );

/** What the load of a dataset consists of, in order: a step may refer to records of the steps before it. */
export const planLoad = (dataset: Dataset, source: string, sample = Number.POSITIVE_INFINITY): Step[] => {
  const key = (kind: string, name: string): string => `${source}:${kind}:${name}`;
  const regions = [...new Set(dataset.agents.map(({ region }) => region))].sort();
  const managers = [...new Map(dataset.agents.map((agent) => [agent.manager, agent])).values()];
  const parents = new Set(dataset.accounts.map(({ parent }) => parent));
  const regionOf = new Map(dataset.agents.map(({ name, region }) => [name, region]));

  const team = (region: string): PlannedRecord => ({
    externalKey: key("team", region),
    body: () => ({ team: { name: region, region, externalKey: key("team", region) } }),
  });

  const manager = ({ manager: name, region }: Agent): PlannedRecord => ({
    externalKey: key("user", name),
    body: (idOf) => ({
      user: { name, email: emailOf(name), teamIds: [idOf(key("team", region))], externalKey: key("user", name) },
    }),
  });

  const agent = ({ name, manager: boss, region }: Agent): PlannedRecord => ({
    externalKey: key("user", name),
    body: (idOf) => ({
      user: {
        name,
        email: emailOf(name),
        teamIds: [idOf(key("team", region))],
        managerId: idOf(key("user", boss)),
        externalKey: key("user", name),
      },
    }),
  });

  const product = ({ name, series, listPrice, aliases }: Product): PlannedRecord => ({
    externalKey: key("product", name),
    body: () => ({
      product: { name, series, listPrice: dollars(listPrice), aliases, externalKey: key("product", name) },
    }),
  });

  const account = (found: Account): PlannedRecord => ({
    externalKey: key("account", found.name),
    body: (idOf) => ({
      account: {
        kind: "COMPANY",
        name: found.name,
        sector: found.sector,
        address: { country: found.country },
        yearEstablished: found.yearEstablished,
        revenue: dollars(found.revenue),
        employeeCount: found.employeeCount,
        ...(found.parent === undefined ? {} : { parentAccountId: idOf(key("account", found.parent)) }),
        origin: { kind: "IMPORT", detail: source },
        externalKey: key("account", found.name),
      },
    }),
  });

  const opportunity = (deal: Deal): PlannedRecord => ({
    externalKey: key("opportunity", deal.key),
    body: (idOf) => ({
      opportunity: {
        name: deal.account === undefined ? deal.product : `${deal.product} – ${deal.account}`,
        ownerId: idOf(key("user", deal.agent)),
        teamId: idOf(key("team", regionOf.get(deal.agent) ?? "")),
        ...(deal.account === undefined ? {} : { accountId: idOf(key("account", deal.account)) }),
        stageKey: stageKeys[deal.stage],
        productIds: [idOf(key("product", deal.product))],
        ...(deal.engagedOn === undefined ? {} : { engageDate: calendarDate(deal.engagedOn) }),
        externalKey: key("opportunity", deal.key),
      },
      ...(deal.closedOn === undefined || deal.closeValue === undefined
        ? {}
        : {
            close: {
              outcome: deal.stage === "Won" ? "WON" : "LOST",
              closeDate: calendarDate(deal.closedOn),
              value: dollars(deal.closeValue),
            },
          }),
    }),
  });

  const created = { verb: "batchCreate" } as const;
  const deals = sampled(dataset.deals, sample);
  const imported = { collection: "opportunities", type: "opportunity", verb: "import" } as const;
  return [
    { ...created, collection: "teams", type: "team", records: regions.map(team) },
    { ...created, collection: "users", type: "user", records: managers.map(manager) },
    { ...created, collection: "users", type: "user", records: dataset.agents.map(agent) },
    { ...created, collection: "products", type: "product", records: dataset.products.map(product) },
    {
      ...created,
      collection: "accounts",
      type: "account",
      records: dataset.accounts.filter(({ name }) => parents.has(name)).map(account),
    },
    {
      ...created,
      collection: "accounts",
      type: "account",
      records: dataset.accounts.filter(({ name }) => !parents.has(name)).map(account),
    },
    { ...imported, records: deals.slice(0, -1).map(opportunity) },
    // Alone and last: whoever finds it knows that the load came to its end.
    { ...imported, records: deals.slice(-1).map(opportunity) },
  ];
};
