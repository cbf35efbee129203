import { expect, inject } from "vitest";
import { newActor } from "./access/actors.ts";
import { acceptance } from "./acceptance.ts";
import { type Api, eventually, newEmail, newPhone } from "./api.ts";
import type { Account } from "./records.ts";
import { listAll } from "./steps.ts";
import { newTenant } from "./tenant.ts";

type Part = { readonly kind: string; readonly key: string; readonly outcome: string; readonly recordId: string };
type Application = { readonly id: string; readonly state: string; readonly parts: readonly Part[] };
type Entry = { readonly field: string; readonly name: string; readonly kind: string };
type ResolvedForm = { readonly sections: readonly { readonly name: string; readonly entries: readonly Entry[] }[] };
type CustomValue = { readonly number?: number; readonly choice?: string; readonly text?: string };
type Customer = Account & {
  readonly email: string;
  readonly sector: string;
  readonly customFields?: Readonly<Record<string, CustomValue>>;
};
type KeyNode = { readonly id: string; readonly kindKey?: string };

/** Applies the retail template and waits until every service has made its part. */
const applied = async (admin: Api): Promise<Application> => {
  const { id } = await admin.post<Application>("/v1/templates/retail:apply", {});
  let application: Application | undefined;
  await eventually(
    async () => (application = await admin.get<Application>(`/v1/templateApplications/${id}`)),
    ({ state }) => expect(state).toBe("COMPLETE"),
  );
  if (application === undefined) throw new Error("no application");
  return application;
};

acceptance("C-019", "a template gives a shop its nodes, and its own field is shown, saved and found", async () => {
  const admin = await newTenant();
  const before = await admin.post<Customer>("/v1/accounts", {
    kind: "PERSON",
    name: "Wang Fang",
    email: newEmail(),
    phone: newPhone(),
    sector: "a branch nobody listed",
  });

  const preview = await admin.get<{ parts: readonly Part[] }>("/v1/templates/retail:preview");
  expect(new Set(preview.parts.map(({ outcome }) => outcome))).toEqual(new Set(["PENDING"]));
  const application = await applied(admin);
  expect(new Set(application.parts.map(({ outcome }) => outcome))).toEqual(new Set(["CREATED"]));

  // The nodes exist: one of the template's kinds is recorded, one that nobody knows is refused by name.
  const node = { accountId: before.id, nodeType: "OTHER", kindKey: "fitting" };
  await eventually(
    () => admin.send("POST", "/v1/keyNodes", { body: node }),
    ({ status, body }) => expect(status, JSON.stringify(body)).toBe(200),
  );
  const unknown = await admin.send("POST", "/v1/keyNodes", { body: { ...node, kindKey: "noSuchKind" } });
  expect(unknown.status).toBe(400);
  expect(JSON.stringify(unknown.body)).toContain("kindKey");
  expect(await listAll<KeyNode>(admin, "keyNodes", `accountId = "${before.id}"`)).toMatchObject([
    { kindKey: "fitting" },
  ]);
  // So do the pipeline and the views, each made by its own service.
  const recordOf = (kind: string) => application.parts.find((part) => part.kind === kind)?.recordId;
  await admin.get(`/v1/pipelines/${recordOf("PIPELINE")}`);
  await admin.get(`/v1/savedViews/${recordOf("SAVED_VIEW")}`);

  // The field "shoe size" is added, shown in both languages, saved on a record that was there before, and found by.
  await admin.post("/v1/customFields", {
    collection: "accounts",
    key: "shoeSize",
    kind: "NUMBER",
    displayName: { en: "Shoe size", zh: "鞋码" },
  });
  const entriesIn = async (language: string) => {
    const form = await admin.send<ResolvedForm>("GET", "/v1/recordForms:resolve?collection=accounts", {
      headers: { "accept-language": language },
    });
    return form.body.sections.flatMap(({ entries }) => entries);
  };
  expect(await entriesIn("en")).toContainEqual(
    expect.objectContaining({ field: "customFields.shoeSize", name: "Shoe size", kind: "NUMBER" }),
  );
  expect(await entriesIn("zh")).toContainEqual(
    expect.objectContaining({ field: "customFields.shoeSize", name: "鞋码" }),
  );
  // One after the other: a change of one value leaves the others as they are.
  const values = { memberLevel: { choice: "gold" }, shoeSize: { number: 38 } };
  for (const [key, value] of Object.entries(values)) {
    await eventually(
      () => admin.send("PATCH", `/v1/accounts/${before.id}`, { body: { customFields: { [key]: value } } }),
      ({ status, body }) => expect(status, JSON.stringify(body)).toBe(200),
    );
  }
  await admin.post("/v1/accounts", { kind: "PERSON", name: "Li Wei", customFields: { shoeSize: { number: 42 } } });
  const found = await listAll<Customer>(admin, "accounts", "customFields.shoeSize = 38");
  expect(found.map(({ id }) => id)).toEqual([before.id]);

  // Applied once more, nothing changes and nothing is lost.
  const again = await admin.post<Application>("/v1/templates/retail:apply", {});
  expect(again).toEqual(application);
  const { name, email, phone, sector } = before;
  expect(await admin.get<Customer>(`/v1/accounts/${before.id}`)).toMatchObject({
    name,
    email,
    phone,
    sector,
    customFields: values,
  });

  const seller = await newActor(admin, inject("access").baseUrl, { "accounts.*": "ALL", "templates.read": "ALL" });
  const refused = await seller.api.send("POST", "/v1/templates/retail:apply", { body: {} });
  expect(refused.status).toBe(403);
});
