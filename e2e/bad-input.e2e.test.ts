import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Answer, type Api, apiOf, filter, newEmail, type Options } from "./api.ts";
import type { Account, Lead, Problem } from "./records.ts";
import { listAll, newAccount } from "./steps.ts";
import { newTenant } from "./tenant.ts";

const { baseUrl } = inject("access");
/** A reader of leads, who may do nothing else. */
let reader: Api;
let client: Api;
let stranger: Api;
let lead: Lead;
let account: Account;
let strangersAccount: Account;
/** An etag that the lead once had. */
let staleEtag: string;

const key = "the-key-of-the-lead";

beforeAll(async () => {
  [client, stranger] = await Promise.all([newTenant(), newTenant()]);
  const headers = { "idempotency-key": key };
  const body = { name: "王芳", email: newEmail(), source: "TRADE_SHOW" };
  ({ body: lead } = await client.send<Lead>("POST", "/v1/leads", { headers, body }));
  staleEtag = lead.etag;
  lead = await client.patch<Lead>(`/v1/leads/${lead.id}`, { company: "Acme" });
  [account, strangersAccount] = await Promise.all([newAccount(client), newAccount(stranger)]);
  const grants = [{ permission: "leads.read", scope: "ALL" }];
  const { id: role } = await client.post<{ id: string }>("/v1/roles", { name: "reader", grants });
  const { secret } = await client.post<{ secret: string }>("/v1/apiKeys", { name: "reader", roleIds: [role] });
  reader = apiOf({ baseUrl, apiKey: secret });
});

type Case = {
  readonly title: string;
  readonly method?: string;
  readonly path: () => string;
  readonly options?: () => Options;
  readonly from?: () => Api;
  readonly status: number;
  readonly code: string;
  /** `<where> <code>` of every place that the problem names. */
  readonly places?: readonly string[];
};

const leads = (): string => "/v1/leads";
const thisLead = (): string => `/v1/leads/${lead.id}`;
const query = (text: string) => (): string => `/v1/leads?${text}`;
const body = (value: unknown) => (): Options => ({ body: value });
const missing = "lead_01jz8m3k5qf7x9v2t4w6y8a0bc";

const cases: readonly Case[] = [
  {
    title: "unknown fields and wrong types, all at once",
    method: "POST",
    path: leads,
    options: body({ name: 5, nmae: "x", source: "TRADE_SHOW", createTime: "soon", purchaseIntent: "VERY" }),
    status: 400,
    code: "INVALID_REQUEST",
    places: [
      "#/createTime EXPECTED_TIMESTAMP",
      "#/name EXPECTED_STRING",
      "#/nmae UNKNOWN_FIELD",
      "#/purchaseIntent EXPECTED_ENUM",
    ],
  },
  {
    title: "values against the contract's rules, all at once",
    method: "POST",
    path: leads,
    options: body({ email: "nobody", phone: "x".repeat(40), id: "lead_1" }),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/email STRING_EMAIL", "#/id STRING_PATTERN", "#/name REQUIRED", "#/phone STRING_MAX_LEN"],
  },
  {
    title: "a body that is no object",
    method: "POST",
    path: leads,
    options: body([]),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["# EXPECTED_OBJECT"],
  },
  {
    title: "an oversize body",
    method: "POST",
    path: leads,
    options: body({ name: "x".repeat(11 << 20) }),
    status: 413,
    code: "BODY_TOO_LARGE",
  },
  {
    title: "a bad page token",
    path: query("pageToken=next"),
    status: 400,
    code: "INVALID_PAGE_TOKEN",
    places: ["pageToken PAGE_TOKEN_UNREADABLE"],
  },
  {
    title: "a filter on an unknown field",
    path: query(filter('nmae = "x"')),
    status: 400,
    code: "INVALID_FILTER",
    places: ["filter FILTER_UNKNOWN_FIELD"],
  },
  {
    title: "a filter that is none",
    path: query(filter("status = (")),
    status: 400,
    code: "INVALID_FILTER",
    places: ["filter FILTER_SYNTAX"],
  },
  {
    title: "an order by an unknown field",
    path: query("orderBy=nmae"),
    status: 400,
    code: "INVALID_ORDER",
    places: ["orderBy ORDER_NOT_OFFERED"],
  },
  {
    title: "an unknown parameter",
    path: query("pagesize=5"),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["pagesize UNKNOWN_FIELD"],
  },
  {
    title: "a mask with an unknown field",
    path: query("readMask=nmae"),
    status: 400,
    code: "INVALID_FIELD_MASK",
    places: ["readMask MASK_UNKNOWN_FIELD"],
  },
  {
    title: "an id that is none",
    path: () => "/v1/leads/5",
    status: 400,
    code: "INVALID_REQUEST",
    places: ["id STRING_PATTERN"],
  },
  {
    title: "the shares of a record that cannot be shared",
    path: () => "/v1/users/user_01jz8m3k5qf7x9v2t4w6y8a0bc/shares",
    status: 404,
    code: "SHARE_NOT_OFFERED",
  },
  { title: "a missing record", path: () => `/v1/leads/${missing}`, status: 404, code: "NOT_FOUND" },
  {
    title: "a command on a missing record",
    method: "POST",
    path: () => `/v1/leads/${missing}:qualify`,
    options: body({}),
    status: 404,
    code: "NOT_FOUND",
  },
  {
    title: "a missing record named in the body",
    method: "POST",
    path: () => "/v1/contacts",
    options: body({ name: "Li Wei", accountId: "account_01jz8m3k5qf7x9v2t4w6y8a0bc" }),
    status: 409,
    code: "ACCOUNT_NOT_FOUND",
    places: ["#/accountId ACCOUNT_NOT_FOUND"],
  },
  {
    title: "another tenant's record named in the body",
    method: "POST",
    path: () => "/v1/contacts",
    options: () => ({ body: { name: "Li Wei", accountId: strangersAccount.id } }),
    status: 409,
    code: "ACCOUNT_NOT_FOUND",
    places: ["#/accountId ACCOUNT_NOT_FOUND"],
  },
  { title: "another tenant's record, to read", path: thisLead, from: () => stranger, status: 404, code: "NOT_FOUND" },
  {
    title: "another tenant's record, to change",
    method: "PATCH",
    path: thisLead,
    options: body({ company: "Mine" }),
    from: () => stranger,
    status: 404,
    code: "NOT_FOUND",
  },
  {
    title: "another tenant's record, to delete",
    method: "DELETE",
    path: thisLead,
    from: () => stranger,
    status: 404,
    code: "NOT_FOUND",
  },
  {
    title: "a stale etag in If-Match",
    method: "PATCH",
    path: thisLead,
    options: () => ({ headers: { "if-match": `"${staleEtag}"` }, body: { company: "Late" } }),
    status: 412,
    code: "ETAG_MISMATCH",
  },
  {
    title: "a stale etag in the body",
    method: "POST",
    path: () => `${thisLead()}:qualify`,
    options: () => ({ body: { etag: staleEtag } }),
    status: 412,
    code: "ETAG_MISMATCH",
  },
  {
    title: "a key used for another body",
    method: "POST",
    path: leads,
    options: () => ({ headers: { "idempotency-key": key }, body: { name: "Li Wei", source: "TRADE_SHOW" } }),
    status: 422,
    code: "KEY_REUSED",
  },
  {
    title: "no credential",
    method: "POST",
    path: leads,
    options: body({ name: "Li Wei" }),
    from: () => apiOf({ baseUrl, apiKey: "" }),
    status: 401,
    code: "UNAUTHENTICATED",
  },
  {
    title: "a credential that is none",
    path: thisLead,
    from: () => apiOf({ baseUrl, apiKey: "kn_nothing" }),
    status: 401,
    code: "UNAUTHENTICATED",
  },
  {
    title: "a write without its permission",
    method: "POST",
    path: leads,
    options: body({ name: "Li Wei", source: "TRADE_SHOW" }),
    from: () => reader,
    status: 403,
    code: "PERMISSION_DENIED",
  },
  {
    title: "a read without its permission",
    path: () => `/v1/accounts/${account.id}`,
    from: () => reader,
    status: 403,
    code: "PERMISSION_DENIED",
  },
  {
    title: "a filter nested nearly a thousand deep",
    path: query(filter(`${"(".repeat(990)}status = NEW${")".repeat(990)}`)),
    status: 400,
    code: "INVALID_FILTER",
    places: ["filter FILTER_TOO_DEEP"],
  },
  {
    title: "a page of less than nothing",
    path: query("pageSize=-1"),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["pageSize INT32_GTE"],
  },
  {
    title: "names that mean something to a store or to a language",
    method: "POST",
    path: leads,
    options: body(JSON.parse('{"name":"x","source":"PHONE","$where":"1","a.b":1,"__proto__":{"admin":true}}')),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/%24where UNKNOWN_FIELD", "#/__proto__ UNKNOWN_FIELD", "#/a.b UNKNOWN_FIELD"],
  },
  {
    title: "half of a surrogate pair",
    method: "POST",
    path: leads,
    options: body({ name: "\ud800", source: "PHONE" }),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/name INVALID_UNICODE"],
  },
  {
    title: "times before the first year and after the last",
    method: "POST",
    path: leads,
    options: body({
      name: "x",
      source: "PHONE",
      nextStepTime: "10000-01-01T00:00:00Z",
      createTime: "0000-12-31T00:00:00Z",
    }),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/createTime EXPECTED_TIMESTAMP", "#/nextStepTime EXPECTED_TIMESTAMP"],
  },
  {
    title: "a day that is in no calendar",
    method: "POST",
    path: leads,
    options: body({ name: "x", source: "PHONE", capturedDate: { year: 10_000, month: 2, day: 30 } }),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/capturedDate DATE_VALID"],
  },
  {
    title: "a negative price",
    method: "POST",
    path: () => "/v1/products",
    options: body({ name: "Seat", listPrice: { currencyCode: "CNY", units: "-5" } }),
    status: 400,
    code: "INVALID_REQUEST",
    places: ["#/listPrice AMOUNT_NEGATIVE"],
  },
  {
    title: "a body of another type",
    method: "POST",
    path: leads,
    options: () => ({ body: {}, headers: { "content-type": "text/xml" } }),
    status: 415,
    code: "UNSUPPORTED_MEDIA_TYPE",
  },
  { title: "a path that leads nowhere", path: () => "/v1/leaves", status: 404, code: "ROUTE_NOT_FOUND" },
];

const placesIn = ({ body: { errors = [] } }: Answer<Problem>): string[] =>
  errors.map(({ pointer, parameter, header, code }) => `${pointer ?? parameter ?? header} ${code}`).sort();

/** All that the tenant has of what the cases could change. */
const everything = async () => ({
  leads: await listAll<Lead>(client, "leads", ""),
  contacts: await listAll(client, "contacts", ""),
  accounts: (await listAll<Account>(client, "accounts", "")).length,
});

describe("what is wrong is told, every place of it, and nothing is changed", () => {
  test.each(cases)("$title", async ({ method = "GET", path, options, from, status, code, places = [] }) => {
    const before = await everything();
    const answer = await (from?.() ?? client).send<Problem>(method, path(), options?.());
    expect.soft([answer.status, answer.body.status, answer.body.code]).toEqual([status, status, code]);
    expect.soft(placesIn(answer)).toEqual(places);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await everything()).toEqual(before);
  });
});

test("who may do nothing else may read what the role says", async () => {
  // How the person is reached takes a right of its own.
  expect(await reader.get<Lead>(thisLead())).toEqual({ ...lead, email: expect.stringMatching(/^.\*\*\*@/) });
});

test("a page of a thousand million records is one of as many as there may be", async () => {
  const { status, body } = await client.send<{ leads: Lead[] }>("GET", "/v1/leads?pageSize=1000000000");
  expect([status, body.leads.length]).toEqual([200, 1]);
});

test("a filter's text is a text, not a pattern that somebody could make the store choke on", async () => {
  const answer = await client.send("GET", `/v1/leads?${filter('name = "(a+)+$"')}`);
  expect([200, 400]).toContain(answer.status);
  if (answer.status === 200) expect(answer.body).toEqual({ leads: [] });
});

test("another tenant's records are in no list", async () => {
  expect(await listAll(stranger, "leads", "")).toEqual([]);
  expect((await listAll<Account>(stranger, "accounts", "")).map(({ id }) => id)).toEqual([strangersAccount.id]);
});
