import type { JsonObject } from "@bufbuild/protobuf";
import { expect } from "vitest";
import { type Api, eventually, filter, newEmail, newPhone } from "../api.ts";
import type { Page } from "../records.ts";
import { agreeAll, draftContract, sign } from "../steps.ts";

/** Whose the specimens are. */
export type Holder = { readonly ownerId: string; readonly teamId: string };

/** A record of each resource that has owners, by the resource's type: `lead`. */
export type Specimens = { readonly ids: Readonly<Record<string, string>>; readonly clauseId: string };

type Made = { readonly id: string };

/** What each resource is made from, where one can be made outright; sensitive fields are filled, to be masked. */
export const creations = (holder: Holder, accountId: string): Readonly<Record<string, JsonObject>> => ({
  accounts: {
    ...holder,
    kind: "COMPANY",
    name: "Matrix Works",
    origin: { kind: "COLLECTED_BY_SALESPERSON" },
    email: newEmail(),
    phone: newPhone(),
  },
  behaviours: { ...holder, accountId, type: "PAGE_VIEW" },
  cases: { ...holder, accountId, kind: "QUESTION", subject: "How?", channel: "CHAT" },
  contacts: { accountId, name: "Wang Fang", email: newEmail(), phone: newPhone() },
  keyNodes: { ...holder, accountId, nodeType: "DEMO" },
  leads: {
    ...holder,
    name: "王芳",
    company: "Matrix Works",
    email: newEmail(),
    phone: newPhone(),
    source: "TRADE_SHOW",
  },
  opportunities: { ...holder, accountId, name: "100 seats", basis: { kind: "CUSTOMER_NEED" } },
  pipelines: { ...holder, name: "Tenders", stages: [{ key: "bid", nameEn: "Bid", nameZh: "投标" }] },
  products: { ...holder, name: `Seat ${newEmail()}` },
  roles: { ...holder, name: `Reader ${newEmail()}`, grants: [{ permission: "leads.read", scope: "OWN" }] },
  savedViews: { ...holder, name: "New ones", collection: "leads", filter: 'status = "NEW"' },
  tasks: { ...holder, accountId, kind: "FOLLOW_UP", subject: "Call", dueTime: "2036-01-05T00:00:00Z" },
  // A team is its own: those see it by their team who are above it.
  teams: { ownerId: holder.ownerId, parentTeamId: holder.teamId, name: `Team ${newEmail()}` },
});

/** Makes one of everything for a holder: outright, and by signing a contract what only follows from that. */
export const makeSpecimens = async (api: Api, holder: Holder): Promise<Specimens> => {
  const make = async (collection: string, fields: object): Promise<string> =>
    (await api.post<Made>(`/v1/${collection}`, fields)).id;
  const accountId = await make("accounts", creations(holder, "")["accounts"] ?? {});
  const made = await Promise.all(
    Object.entries(creations(holder, accountId))
      .filter(([collection]) => collection !== "accounts")
      .map(async ([collection, fields]) => [collection, await make(collection, fields)] as const),
  );
  const cover = { fromDate: { year: 2026, month: 1, day: 1 }, untilDate: { year: 2036, month: 12, day: 31 } };
  const draft = await draftContract(api, { ...holder, accountId }, ["Payment"]);
  const clauseId = draft.clauses?.[0]?.id ?? "";
  await api.post(`/v1/contracts/${draft.id}:proposePosition`, { clauseId, party: "OURS", position: "45 days" });
  const signed = await sign(
    api,
    (await agreeAll(api, await draftContract(api, { ...holder, accountId, cover }, ["Term"]))).id,
  );
  const [roundId, coverId, purchaseId] = await Promise.all([
    firstOf(api, "rounds", `contractId = "${draft.id}"`),
    firstOf(api, "covers", `contractId = "${signed.id}"`),
    firstOf(api, "purchases", `contractId = "${signed.id}"`),
  ]);
  return {
    ids: {
      ...Object.fromEntries(made),
      accounts: accountId,
      contracts: draft.id,
      rounds: roundId,
      covers: coverId,
      purchases: purchaseId,
    },
    clauseId,
  };
};

/** The first record that a filter lets through, once there is one. */
const firstOf = async (api: Api, collection: string, expression: string): Promise<string> => {
  let id: string | undefined;
  await eventually(
    async () => {
      const page = await api.get<Page<string, Made>>(`/v1/${collection}?${filter(expression)}`);
      id = (page[collection] as readonly Made[] | undefined)?.[0]?.id;
      return id;
    },
    (found) => expect(found).toBeDefined(),
  );
  return id ?? "";
};
