import type { JsonObject } from "@bufbuild/protobuf";
import { newId } from "@keynode/aggregate/type-id";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { type Actor, newActor } from "./access/actors.ts";
import { httpRequest } from "./access/faces.ts";
import { customKey, type Naming, naming, namings } from "./access/naming.ts";
import { collections } from "./access/rows.ts";
import { creations, makeSpecimens } from "./access/specimens.ts";
import { type Answer, type Api, eventually } from "./api.ts";
import { newTenant } from "./tenant.ts";

/*
 * Every field by which any command names another record, from the descriptors, as somebody who may not read that record and
 * as somebody with whom it is shared. A field that is new is tried like all others, or what it lacks here fails.
 */

type Teller = "stranger" | "reader" | "writer";

let actors: Readonly<Record<Teller, Actor>>;
/** A record of each collection that none of them owns; all are shared with the reader, and to be changed with the writer. */
let specimens: Readonly<Record<string, string>>;
/** Records of their own for updates and verbs, by collection. */
let owned: Readonly<Record<Teller, Readonly<Record<string, string>>>>;
let accounts: Readonly<Record<Teller, string>>;

type Made = { readonly id: string };

/** What custom fields themselves are made of: theirs are the tenant's, and whoever sets them names what they default to. */
const customField = (collection: string, key: string): JsonObject => ({
  collection,
  key,
  kind: "REFERENCE",
  referenceCollection: "accounts",
  displayName: { en: "Account", zh: "客户" },
});

const valued: readonly string[] = [
  "accounts",
  "cases",
  "contacts",
  "contracts",
  "keyNodes",
  "leads",
  "opportunities",
  "products",
  "purchases",
  "tasks",
];

/** What a record of a collection is made of besides what is named. */
const fieldsOf = (collection: string, teller: Teller): JsonObject => {
  const { userId, principal } = actors[teller];
  const holder = { ownerId: userId, teamId: principal.teams[0] ?? "" };
  const accountId = accounts[teller];
  const more: Readonly<Record<string, JsonObject>> = {
    contracts: { title: "Tried", accountId, value: { currencyCode: "CNY", units: "1" } },
    customFields: customField("tasks", `tried${newId("x").slice(-12)}`),
    purchases: { accountId, amount: { currencyCode: "CNY", units: "1" } },
  };
  const fields = more[collection] ?? creations(holder, accountId)[collection];
  if (fields === undefined) throw new Error(`nothing is known of what ${collection} are made of`);
  return fields;
};

beforeAll(async () => {
  const { baseUrl } = inject("access");
  const admin = await newTenant();
  const team = async (name: string): Promise<string> => (await admin.post<Made>("/v1/teams", { name })).id;
  const [north, south] = await Promise.all([team("North"), team("South")]);
  const rights = { "*": "OWN", "customFields.*": "ALL" } as const;
  const owner = await newActor(admin, baseUrl, { "*": "OWN" }, [north]);
  const stranger = await newActor(admin, baseUrl, rights, [south]);
  const reader = await newActor(admin, baseUrl, rights, [south]);
  const writer = await newActor(admin, baseUrl, rights, [south]);
  actors = { stranger, reader, writer };
  await Promise.all(valued.map((collection) => admin.post("/v1/customFields", customField(collection, customKey))));
  specimens = (await makeSpecimens(admin, { ownerId: owner.userId, teamId: north })).ids;
  const named = new Set(namings.map(({ reference }) => reference.collection));
  for (const [collection, id] of Object.entries(specimens).filter(([name]) => named.has(name))) {
    for (const [{ userId: granteeUserId }, access] of [
      [reader, "READ"],
      [writer, "WRITE"],
    ] as const) {
      await eventually(
        () => admin.send("POST", `/v1/${collection}/${id}/shares`, { body: { granteeUserId, access } }),
        ({ status, body }) => expect(status, JSON.stringify(body)).toBe(200),
      );
    }
  }

  const own = async (api: Api): Promise<string> =>
    (await api.post<Made>("/v1/accounts", creations({ ownerId: "", teamId: "" }, "")["accounts"])).id;
  accounts = { stranger: await own(stranger.api), reader: await own(reader.api), writer: await own(writer.api) };
  const kept = new Set(namings.filter(onRecord).map(({ collection }) => collection));
  const made = async (teller: Teller) =>
    Object.fromEntries(
      await Promise.all(
        [...kept].map(async (collection) => {
          const { id } = await actors[teller].api.post<Made>(`/v1/${collection}`, fieldsOf(collection, teller));
          if (collection === "leads") await actors[teller].api.post(`/v1/leads/${id}:qualify`);
          return [collection, id] as const;
        }),
      ),
    );
  owned = { stranger: await made("stranger"), reader: await made("reader"), writer: await made("writer") };
}, 180_000);

const onRecord = ({ row: { shape } }: Naming): boolean => shape.kind === "update" || shape.kind === "record";

/** The request by which somebody names a record in a field. */
const requestOf = ({ row, path, collection }: Naming, teller: Teller, id: string): JsonObject => {
  const { shape } = row;
  const own = onRecord({ row } as Naming) ? owned[teller][collection] : undefined;
  switch (shape.kind) {
    case "create":
      return naming(path, id, fieldsOf(collection, teller));
    case "update":
      return { ...naming(path, id, { id: own ?? "" }), updateMask: path[1]?.jsonName ?? "" };
    case "record":
      return { ...naming(path, id, {}), id: own ?? "" };
    default:
      throw new Error(`nobody knows what ${row.name} is tried on`);
  }
};

const tried = async (each: Naming, teller: Teller, id: string): Promise<Answer<JsonObject>> => {
  const { verb, path, body } = httpRequest(each.row.method, requestOf(each, teller, id));
  return await actors[teller].api.send<JsonObject>(verb, path, { body });
};

/** What is told, but for the id that was sent and what differs from call to call. */
const told = ({ status, body }: Answer<JsonObject>, id: string): string =>
  `${status} ${JSON.stringify(body)}`.replaceAll(id, "…").replaceAll(/"(requestId|traceId|instance)":"[^"]*"/g, "");

const typeOf = (collection: string): string =>
  [...collections].find(([, resource]) => resource.collection === collection)?.[0] ?? "";

test("there is a record of everything that can be named", () => {
  expect(namings.length).toBeGreaterThan(60);
  const missing = namings.filter(({ reference: { collection } }) => collection !== "*" && !specimens[collection]);
  expect(missing.map(({ title }) => title)).toEqual([]);
});

describe("whoever may not read a record names it as if there were none; whoever it is shared with may", () => {
  test.for(namings)("$title", async (each) => {
    const { reference } = each;
    const collection = reference.collection === "*" ? "accounts" : reference.collection;
    const [hidden, unknown] = [specimens[collection] ?? "", newId(typeOf(collection))];
    const before = await recordOf(each);
    const [toHidden, toUnknown] = [await tried(each, "stranger", hidden), await tried(each, "stranger", unknown)];
    expect(told(toHidden, hidden)).toBe(told(toUnknown, unknown));
    expect(told(toHidden, hidden)).toContain(reference.missing);
    expect(await recordOf(each)).toEqual(before);
    const toShared = await tried(each, isMadeIn(each) ? "writer" : "reader", hidden);
    expect(told(toShared, hidden)).not.toContain(reference.missing);
    expect(toShared.status, told(toShared, hidden)).toBeLessThan(500);
  });
});

/** Whether the record that is named gets the new one as its part, which changes it: to read it is not enough. */
const isMadeIn = ({ row: { shape }, collection, path }: Naming): boolean =>
  shape.kind === "create" &&
  [...collections.values()].some(
    (resource) => resource.collection === collection && resource.parentFields.includes(path.at(-1)?.name ?? ""),
  );

/** The stranger's own record that a command is tried on, which must stay as it is. */
const recordOf = async (each: Naming): Promise<unknown> =>
  onRecord(each)
    ? await actors.stranger.api.get(`/v1/${each.collection}/${owned.stranger[each.collection]}`)
    : undefined;
