import type { Contender } from "./contender.ts";
import { CONNECTIONS, type Workload } from "./load.ts";

/** One line of the table: what is asked, and whether writes are waited for until they are published too. */
export type Row = { readonly name: string; readonly workload: Workload; readonly writes: boolean };

/** Leads of one connection that its updates go round: each has several milliseconds until its next. */
const UPDATED_PER_CONNECTION = 16;

let created = 0;
const run = Date.now().toString(36);

const create: Workload = () => ({
  next: () => {
    created += 1;
    return { method: "POST", path: "/v1/leads", body: leadNumber(`${run}.${created}`) };
  },
});

/** A lead as callers send one; `label` tells it from all others. */
export const leadNumber = (label: string): object => ({
  name: "Wang Fang",
  company: "Acme Trading",
  jobTitle: "Head of purchasing",
  email: `wang.fang.${label}@acme.example`,
  source: "TRADE_SHOW",
  needs: ["100 seats"],
});

/** Another lead at each request, in an order that spreads over all of them. */
const get: Workload = ({ leadIds }, connection) => {
  const stride = 7_919;
  let position = connection * 613;
  return {
    next: () => {
      position = (position + stride) % leadIds.length;
      return { method: "GET", path: `/v1/leads/${leadIds[position]}` };
    },
  };
};

const list: Workload = ({ newestByStatus }) => {
  const path = `/v1/leads?${newestByStatus}&pageSize=20`;
  return { next: () => ({ method: "GET", path }) };
};

/** Each connection has leads of its own, so no etag is stale; the first ones are read from the contender before. */
const updateOf = (etags: ReadonlyMap<Contender, Map<string, string>>): Workload => {
  let changed = 0;
  return (contender, connection) => {
    const known = etags.get(contender) ?? new Map<string, string>();
    const first = connection * UPDATED_PER_CONNECTION;
    const mine = contender.leadIds.slice(first, first + UPDATED_PER_CONNECTION);
    let position = -1;
    return {
      next: () => {
        position = (position + 1) % mine.length;
        changed += 1;
        return {
          method: "PATCH",
          path: `/v1/leads/${mine[position]}?updateMask=company`,
          headers: { "if-match": known.get(mine[position] ?? "") ?? '"1"' },
          body: { company: `Acme Trading ${changed}` },
        };
      },
      took: ({ etag }) => known.set(mine[position] ?? "", etag),
    };
  };
};

/** The rows in their order. Seeded leads stand at their first version. */
export const rowsFor = (contenders: readonly Contender[]): Row[] => [
  { name: "get", workload: get, writes: false },
  { name: "list 20 by status", workload: list, writes: false },
  { name: "create", workload: create, writes: true },
  {
    name: "update with etag",
    workload: updateOf(new Map(contenders.map((contender) => [contender, new Map()]))),
    writes: true,
  },
];

/** Fewer seeded leads would make connections update each other's. */
export const LEAST_LEADS = CONNECTIONS * UPDATED_PER_CONNECTION;
