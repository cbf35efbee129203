import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { MongoClient } from "mongodb";
import { setTimeout as delay } from "node:timers/promises";
import { type Api, openApi } from "./api.ts";
import type { LeadDocument } from "./floors/lead-collection.ts";
import { leadNumber } from "./rows.ts";

const BATCH = 50;
/** Of the floors' bulk inserts. */
const INSERT = 1_000;
const PARALLEL = 4;
const OWNERS = 35;
const DAY_MS = 86_400_000;
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
const POLL_MS = 100;

type Gateway = { readonly baseUrl: string; readonly headers: Readonly<Record<string, string>> };

/** A batch's result tells of each record why it was refused. */
type Judged = { readonly status?: { readonly code?: number; readonly message?: string } };

const batchesOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_batch, index) =>
    items.slice(index * size, (index + 1) * size),
  );

/** Sends every request through a batch rpc, some batches at a time, and answers the results in no order. */
export const sendAll = async <Record extends object>(
  { baseUrl, headers }: Gateway,
  path: string,
  requests: readonly object[],
): Promise<Record[]> => {
  const batches = batchesOf(requests, BATCH).values();
  const all: Record[] = [];
  const work = async (): Promise<void> => {
    const api = await openApi(baseUrl, headers);
    for (const batch of batches) {
      const { results } = await api.post<{ results: (Record & Judged)[] }>(path, { requests: batch });
      const refused = results.find(({ status }) => (status?.code ?? 0) !== 0);
      if (refused) throw new Error(`${path}: ${refused.status?.message}`);
      all.push(...results);
    }
    api.close();
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return all;
};

/** Captures leads; answers their ids. */
export const seedLeads = async (gateway: Gateway, count: number): Promise<string[]> => {
  const requests = Array.from({ length: count }, (_lead, index) => ({ lead: leadNumber(`seed.${index}`) }));
  const results = await sendAll<{ lead: { id: string } }>(gateway, "/v1/leads:batchCreate", requests);
  return results.map(({ lead }) => lead.id);
};

type Deal = { readonly owner: number; readonly status: "WON" | "LOST" | "OPEN"; readonly value: number };

/** Half of the deals are won, a quarter lost. */
const deals = (count: number): Deal[] =>
  Array.from({ length: count }, (_deal, index) => ({
    owner: index % OWNERS,
    status: (["WON", "LOST", "WON", "OPEN"] as const)[index % 4] ?? "OPEN",
    value: 1_000 + (index % 977),
  }));

const dateAt = (index: number): object => {
  const date = new Date(FIRST_DAY_MS + (index % 180) * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
};

/** Imports deals, and waits until the report counts them all. */
export const seedDeals = async (gateway: Gateway, count: number): Promise<void> => {
  const users = Array.from({ length: OWNERS }, (_user, index) => ({
    user: { name: `Seller ${index}`, email: `seller.${index}@bench.example` },
  }));
  const owners = await sendAll<{ user: { id: string } }>(gateway, "/v1/users:batchCreate", users);
  const requests = deals(count).map(({ owner, status, value }, index) => ({
    opportunity: {
      name: `Deal ${index}`,
      ownerId: owners[owner]?.user.id,
      stageKey: "engaging",
      engageDate: dateAt(index),
    },
    ...(status !== "OPEN" && {
      close: { outcome: status, closeDate: dateAt(index + 20), value: { currencyCode: "USD", units: String(value) } },
    }),
  }));
  await sendAll(gateway, "/v1/opportunities:import", requests);
  const api = await openApi(gateway.baseUrl, gateway.headers);
  while ((await dealsReported(api)) < count) await delay(POLL_MS);
  api.close();
};

const dealsReported = async (api: Api): Promise<number> => {
  const { totals } = await api.get<{ totals?: { openedCount?: string } }>("/v1/reports/sales");
  return Number(totals?.openedCount ?? 0);
};

/** The floors' own leads, with the one index that their list needs; answers their ids, which all collections share. */
export const seedFloors = async (
  mongoUrl: string,
  database: string,
  collections: readonly string[],
  counts: { readonly leads: number; readonly deals: number },
): Promise<string[]> => {
  const client = await new MongoClient(mongoUrl, { ignoreUndefined: true }).connect();
  const db = client.db(database);
  await db.dropDatabase();
  const documents = Array.from({ length: counts.leads }, (_lead, index): LeadDocument => {
    const { id: _id, etag: _etag, ...fields } = Lead.fromPartial(leadNumber(`seed.${index}`));
    const at = new Date(FIRST_DAY_MS + index * 1_000);
    return { ...fields, status: "NEW", _id: `lead-${index}`, version: 1, createTime: at, updateTime: at };
  });
  for (const name of collections) {
    const leads = db.collection<LeadDocument>(name);
    await leads.createIndex({ status: 1, createTime: -1 });
    for (const batch of batchesOf(documents, INSERT)) await leads.insertMany(batch);
  }
  for (const batch of batchesOf(deals(counts.deals), INSERT)) {
    await db
      .collection("deals")
      .insertMany(batch.map(({ owner, status, value }) => ({ ownerId: `user-${owner}`, status, value })));
  }
  await client.close();
  return documents.map(({ _id }) => _id);
};
