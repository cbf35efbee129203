import { beforeAll, expect, inject, test } from "vitest";
import { newActor } from "./access/actors.ts";
import { type Api, eventually } from "./api.ts";
import { newTenant } from "./tenant.ts";

type Schema = { readonly properties?: Readonly<Record<string, Schema & { readonly title?: string }>> };
type Document = { readonly components: { readonly schemas: Readonly<Record<string, Schema>> } };

const path = "/v1/openapi.json";
const fieldsIn = ({ components }: Document) => components.schemas["Lead"]?.properties?.["customFields"]?.properties;

let admin: Api;
let seller: Api;

beforeAll(async () => {
  admin = await newTenant();
  const actor = await newActor(admin, inject("access").baseUrl, { "customFields.read": "ALL", "leads.*": "ALL" });
  seller = actor.api;
  const lead = { collection: "leads", kind: "NUMBER" };
  const [role = ""] = actor.principal.roles;
  await admin.post("/v1/customFields", { ...lead, key: "shoeSize", displayName: { en: "Shoe size", zh: "鞋码" } });
  await admin.post("/v1/customFields", {
    ...lead,
    key: "margin",
    displayName: { en: "Margin" },
    readerRoleIds: [role],
  });
});

test("the document of the API is the caller's tenant's, as far as the caller's roles see its fields", async () => {
  expect(Object.keys(fieldsIn(await admin.get<Document>(path)) ?? {})).toEqual(["shoeSize"]);
  expect(Object.keys(fieldsIn(await seller.get<Document>(path)) ?? {})).toEqual(["margin", "shoeSize"]);
  const other = await newTenant();
  expect(fieldsIn(await other.get<Document>(path))).toBeUndefined();
});

test("it is not sent again until a field changes, and is another one in another language", async () => {
  const first = await admin.send("GET", path);
  const etag = first.headers.get("etag") ?? "";
  const again = () => admin.send<Document>("GET", path, { headers: { "if-none-match": etag } });
  expect((await again()).status).toBe(304);
  const chinese = await admin.send<Document>("GET", path, { headers: { "accept-language": "zh" } });
  expect(fieldsIn(chinese.body)?.["shoeSize"]?.title).toBe("鞋码");
  expect(chinese.headers.get("etag")).not.toBe(etag);

  const { customFields } = await admin.get<{ customFields: readonly { id: string; key: string }[] }>(
    "/v1/customFields",
  );
  const { id } = customFields.find(({ key }) => key === "shoeSize") ?? {};
  await admin.patch(`/v1/customFields/${id}`, { displayName: { en: "Size", zh: "尺码" } });
  await eventually(again, ({ status, body }) => {
    expect(status).toBe(200);
    expect(fieldsIn(body)?.["shoeSize"]?.title).toBe("Size");
  });
});

test("nobody gets it without a credential, or without the right to read fields", async () => {
  expect((await fetch(`${inject("access").baseUrl}${path}`)).status).toBe(401);
  const stranger = await newActor(admin, inject("access").baseUrl, { "leads.*": "ALL" });
  expect((await stranger.api.send("GET", path)).status).toBe(403);
});
