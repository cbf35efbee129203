import { randomUUID } from "node:crypto";
import { addMarketingUser } from "@keynode/tools/seed/marketing-user";
import { expect, inject, test } from "vitest";
import { acceptance } from "./acceptance.ts";
import { type Api, api, apiOf, filter, newEmail, newPhone } from "./api.ts";
import type { Contact, Lead, Page } from "./records.ts";
import { convertedLead, draftContract, newLead } from "./steps.ts";

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
