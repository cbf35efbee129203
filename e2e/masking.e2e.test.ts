import { randomUUID } from "node:crypto";
import { addMarketingUser } from "@keynode/tools/seed/marketing-user";
import { expect, inject, test } from "vitest";
import { acceptance } from "./acceptance.ts";
import { type Api, api, apiOf, eventually, filter, newEmail, newPhone } from "./api.ts";
import { connectAgent } from "./access/mcp-face.ts";
import type { Account, Contact, Lead, Page } from "./records.ts";
import { convertedLead, draftContract, newAccount, newLead } from "./steps.ts";
import { newTenant } from "./tenant.ts";

type Problem = { readonly code: string; readonly errors?: readonly Record<string, string>[] };

/** Signs in as a new user with one role: one that every tenant has, by its name, or one of these grants. */
const userWith = async (admin: Api, role: string | Readonly<Record<string, string>>): Promise<Api> => {
  const roles = (await admin.get<Page<"roles", { id: string; name: string }>>("/v1/roles?pageSize=100")).roles ?? [];
  const roleId =
    typeof role === "string"
      ? roles.find(({ name }) => name === role)?.id
      : (
          await admin.post<{ id: string }>("/v1/roles", {
            name: `Role ${randomUUID()}`,
            grants: Object.entries(role).map(([permission, scope]) => ({ permission, scope })),
          })
        ).id;
  const [email, password] = [newEmail(), randomUUID()];
  const { id } = await admin.post<{ id: string }>("/v1/users", { name: "Mei Lin", email, roleIds: [roleId] });
  await admin.post(`/v1/users/${id}:setPassword`, { password });
  const { baseUrl, tenant } = inject("access");
  const { accessToken } = await api().post<{ accessToken: string }>("/v1/auth:signIn", { tenant, email, password });
  return apiOf({ baseUrl, apiKey: accessToken });
};

const maskedPhone = (phone: string): string => `${phone.slice(0, 6)}****${phone.slice(-4)}`;
const maskedEmail = (email: string): string => `${email.slice(0, 1)}***${email.slice(email.indexOf("@"))}`;

acceptance("C-133", "a marketing user opens no contract, and sees customers with their numbers masked", async () => {
  const admin = api();
  const [email, phone] = [newEmail(), newPhone()];
  const { accountId, contactId } = await convertedLead(admin, { email, phone });
  const contract = await draftContract(admin, { accountId }, ["Payment"]);
  const marketing = await userWith(admin, "Marketing");

  const opened = await marketing.send<Problem>("GET", `/v1/contracts/${contract.id}`);
  expect([opened.status, opened.body.code]).toEqual([403, "PERMISSION_DENIED"]);

  type Profile = { sections: { contacts: { items: Contact[] }; contracts: { error: Problem } } };
  const { sections } = await marketing.get<Profile>(`/v1/accounts/${accountId}:profile`);
  expect(sections.contacts.items).toMatchObject([
    { id: contactId, name: "王芳", phone: maskedPhone(phone), email: maskedEmail(email) },
  ]);
  expect(sections.contracts.error.code).toBe("PERMISSION_DENIED");
  expect(JSON.stringify(sections)).not.toContain(phone);
  expect((await admin.get<Profile>(`/v1/accounts/${accountId}:profile`)).sections.contacts.items).toMatchObject([
    { phone, email },
  ]);
});

test("whoever sees a number masked finds no record by it", async () => {
  const admin = api();
  const { phone = "" } = await newLead(admin, { phone: newPhone() });
  const marketing = await userWith(admin, "Marketing");
  const sought = await marketing.send<Problem>("GET", `/v1/leads?${filter(`phone = "${phone}"`)}`);
  expect([sought.status, sought.body.code]).toEqual([403, "PERMISSION_DENIED"]);
  expect(JSON.stringify(sought.body)).toContain("phone");
  expect(JSON.stringify(sought.body)).not.toContain(phone);
});

test("a masked value that comes back is refused by its name, and a change beside it is not", async () => {
  const admin = api();
  const { contactId } = await convertedLead(admin, { phone: newPhone() });
  const before = await admin.get<Contact>(`/v1/contacts/${contactId}`);
  const clerk = await userWith(admin, { "contacts.read": "ALL", "contacts.update": "ALL", "accounts.read": "ALL" });
  const shown = await clerk.get<Contact>(`/v1/contacts/${contactId}`);
  expect(shown.phone).toBe(maskedPhone(before.phone ?? ""));

  const refused = await clerk.send<Problem>("PATCH", `/v1/contacts/${contactId}`, { body: shown });
  expect(refused.status).toBe(400);
  expect(refused.body.errors?.map(({ code }) => code)).toEqual(["MASKED_VALUE", "MASKED_VALUE"]);
  expect(await admin.get(`/v1/contacts/${contactId}`)).toEqual(before);

  const changed = await clerk.patch<Contact>(`/v1/contacts/${contactId}`, { jobTitle: "Buyer" });
  expect(changed).toMatchObject({ jobTitle: "Buyer", phone: shown.phone, email: shown.email });
  expect(await admin.get(`/v1/contacts/${contactId}`)).toMatchObject({ phone: before.phone, email: before.email });
});

test("a salesperson sees the numbers of the own leads", async () => {
  const seller = await userWith(api(), "Sales");
  const phone = newPhone();
  const { id } = await newLead(seller, { phone });
  expect(await seller.get<Lead>(`/v1/leads/${id}?readMask=phone`)).toMatchObject({ phone });
});

test("the demo's second user is made once, and signs in with the role Marketing", async () => {
  const { baseUrl, apiKey, tenant } = inject("access");
  const signIn = { tenant, email: newEmail(), password: randomUUID() };
  await addMarketingUser({ baseUrl, apiKey }, signIn);
  await addMarketingUser({ baseUrl, apiKey }, signIn);
  const { accessToken } = await api().post<{ accessToken: string }>("/v1/auth:signIn", signIn);
  const opened = await apiOf({ baseUrl, apiKey: accessToken }).send<Problem>("GET", "/v1/contracts");
  expect([opened.status, opened.body.code]).toEqual([403, "PERMISSION_DENIED"]);
  const { users } = await api().get<Page<"users", object>>(`/v1/users?${filter(`email = "${signIn.email}"`)}`);
  expect(users).toMatchObject([{ name: "Mei Lin", email: signIn.email }]);
});

test("a tenant's rules on masking hold on every surface, as soon as they are made, and change nothing for who sees all", async () => {
  const { baseUrl } = inject("access");
  const startTime = new Date().toISOString();
  const admin = await newTenant();
  const grants = ["accounts.read", "contacts.read", "events.stream"].map((permission) => ({
    permission,
    scope: "ALL",
  }));
  const { id: roleId } = await admin.post<{ id: string }>("/v1/roles", { name: "Clerk", grants });
  const { secret } = await admin.post<{ secret: string }>("/v1/apiKeys", { name: "clerk", roleIds: [roleId] });
  const clerk = apiOf({ baseUrl, apiKey: secret });

  await admin.post("/v1/customFields", {
    collection: "accounts",
    key: "desk",
    kind: "PHONE",
    displayName: { en: "Desk" },
  });
  const [email, phone, street] = [newEmail(), newPhone(), "南京西路1266号恒隆广场"];
  const address = { city: "上海", street };
  const sensitive = { email, phone, address, customFields: { desk: { phone } } };
  const { id } = await newAccount(admin, sensitive);

  type Shown = Pick<Account, "phone"> & {
    readonly email?: string;
    readonly address?: { readonly street?: string };
    readonly customFields?: { readonly desk?: { readonly phone?: string } };
  };
  const valuesOf = (account: Shown | undefined) => [
    account?.phone,
    account?.email,
    account?.address?.street,
    account?.customFields?.desk?.phone,
  ];
  const got = async (of: Api) => valuesOf(await of.get<Shown>(`/v1/accounts/${id}`));
  const clear = [phone, email, street, phone];
  expect(await got(clerk)).toEqual([maskedPhone(phone), maskedEmail(email), "****", maskedPhone(phone)]);

  const masking = {
    phoneRule: { keepLast: 2 },
    emailRule: {},
    addressRule: { keepFirst: 4 },
  };
  await admin.patch("/v1/securitySettings?updateMask=masking.phoneRule,masking.emailRule,masking.addressRule", {
    masking,
  });
  const short = `****${phone.slice(-2)}`;
  const ruled = [short, "***", "南京西路****", short];
  await eventually(
    () => got(clerk),
    (shown) => expect(shown).toEqual(ruled),
  );

  const { accounts = [] } = await clerk.get<Page<"accounts", Shown>>("/v1/accounts");
  expect(accounts.map(valuesOf)).toEqual([ruled]);
  const profile = await clerk.get<{ account: Shown }>(`/v1/accounts/${id}:profile`);
  expect(valuesOf(profile.account)).toEqual(ruled);
  const agent = await connectAgent(baseUrl, secret);
  const told = await agent.callTool({ name: "get_account", arguments: { id } });
  await agent.close();
  expect(valuesOf(told.structuredContent as Shown)).toEqual(ruled);
  const stopping = new AbortController();
  const stream = await fetch(`${baseUrl}/v1/events:stream?contexts=account&recordId=${id}&startTime=${startTime}`, {
    headers: { authorization: `Bearer ${secret}`, accept: "text/event-stream" },
    signal: stopping.signal,
  });
  let text = "";
  for await (const chunk of stream.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (/^data: .*AccountCreated/m.test(text) && text.endsWith("\n\n")) break;
  }
  stopping.abort();
  expect(text).toContain(short);
  for (const value of [phone, email, street]) expect(text).not.toContain(value);

  const sought = await clerk.send<Problem>("GET", `/v1/accounts?${filter(`phone = "${phone}"`)}`);
  expect([sought.status, sought.body.code]).toEqual([403, "PERMISSION_DENIED"]);
  const written = await admin.send<Problem>("PATCH", `/v1/accounts/${id}`, {
    body: { phone: short, email: "***", address: { street: "南京西路****" } },
  });
  expect(written.status).toBe(400);
  expect(new Set(written.body.errors?.map(({ code }) => code))).toEqual(new Set(["MASKED_VALUE"]));
  expect(await got(admin)).toEqual(clear);

  type Entries = Page<"auditEntries", { readonly fields?: readonly string[] }>;
  await eventually(
    () => admin.get<Entries>(`/v1/auditEntries?${filter('collection = "securitySettings" AND kind = CHANGE')}`),
    ({ auditEntries = [] }) => expect(auditEntries).toMatchObject([{ fields: expect.arrayContaining(["masking"]) }]),
  );
});
