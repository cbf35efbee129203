import { expect } from "vitest";
import { type Api, eventually, filter, newEmail } from "./api.ts";
import type { Account, Contract, Lead, Opportunity, Page } from "./records.ts";

/** Steps that several journeys take. */

export const newAccount = (api: Api, fields: object = {}): Promise<Account> =>
  api.post<Account>("/v1/accounts", {
    kind: "COMPANY",
    name: "Acme",
    origin: { kind: "COLLECTED_BY_SALESPERSON" },
    ...fields,
  });

export const newLead = (api: Api, fields: object = {}): Promise<Lead> =>
  api.post<Lead>("/v1/leads", { name: "王芳", company: "Acme", email: newEmail(), source: "TRADE_SHOW", ...fields });

/** A user of the run's own, so that figures by owner are the journey's alone; with a role that every tenant has, if any. */
export const newUser = async (api: Api, role?: string): Promise<string> => {
  const { roles = [] } = await api.get<Page<"roles", { id: string; name: string }>>("/v1/roles?pageSize=100");
  const roleIds = roles.filter(({ name }) => name === role).map(({ id }) => id);
  return (await api.post<{ id: string }>("/v1/users", { name: "Li Wei", email: newEmail(), roleIds })).id;
};

export const newOpportunity = (api: Api, fields: object): Promise<Opportunity> =>
  api.post<Opportunity>("/v1/opportunities", { name: "100 seats", basis: { kind: "CUSTOMER_NEED" }, ...fields });

/** Captures, qualifies and converts a lead, and waits until its account, contact and opportunity exist. */
export const convertedLead = async (api: Api, fields: object = {}): Promise<NonNullable<Lead["conversion"]>> => {
  const { id } = await newLead(api, fields);
  await api.post(`/v1/leads/${id}:qualify`);
  const { conversion } = await api.post<Lead>(`/v1/leads/${id}:convert`, {
    amount: { currencyCode: "CNY", units: "12000" },
  });
  if (conversion === undefined) throw new Error("a converted lead without a conversion");
  await eventually(
    () => api.get<Lead>(`/v1/leads/${id}`),
    (lead) => expect(lead.conversion?.state).toBe("COMPLETE"),
  );
  return conversion;
};

/** Drafts a contract with clauses by their titles, all open. */
export const draftContract = async (api: Api, fields: object, clauses: readonly string[]): Promise<Contract> => {
  let contract = await api.post<Contract>("/v1/contracts", {
    title: "Framework agreement",
    value: { currencyCode: "CNY", units: "12000" },
    ...fields,
  });
  for (const title of clauses) {
    contract = await api.post<Contract>(`/v1/contracts/${contract.id}:addClause`, { title, text: `${title}: 30 days` });
  }
  return contract;
};

/** Has both sides accept every clause. */
export const agreeAll = async (api: Api, contract: Contract): Promise<Contract> => {
  let agreed = contract;
  for (const clause of contract.clauses ?? []) {
    for (const party of ["OURS", "THEIRS"]) {
      agreed = await api.post<Contract>(`/v1/contracts/${contract.id}:acceptClause`, { clauseId: clause.id, party });
    }
  }
  return agreed;
};

export const sign = (api: Api, contractId: string, fields: object = {}): Promise<Contract> =>
  api.post<Contract>(`/v1/contracts/${contractId}:sign`, {
    signatories: [
      { name: "Chen", party: "OURS" },
      { name: "王芳", party: "THEIRS" },
    ],
    ...fields,
  });

/** All rows of a collection that a filter lets through, over all pages. */
export const listAll = async <Row>(api: Api, collection: string, expression: string): Promise<Row[]> => {
  const rows: Row[] = [];
  let token = "";
  do {
    const page = await api.get<Page<string, Row>>(
      `/v1/${collection}?pageSize=100&${filter(expression)}${token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`}`,
    );
    rows.push(...((page[collection] as readonly Row[] | undefined) ?? []));
    token = page.nextPageToken ?? "";
  } while (token !== "");
  return rows;
};
