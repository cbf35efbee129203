import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { mongoClient } from "@keynode/aggregate/mongo-client";
import { httpRule } from "@keynode/contracts/descriptors";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Actor, newActor } from "./access/actors.ts";
import { type Face, restFace } from "./access/faces.ts";
import { requestOn } from "./access/requests.ts";
import { collections, emptyRequest, type Row, rows } from "./access/rows.ts";
import { creations, makeSpecimens, type Specimens } from "./access/specimens.ts";
import { type Api, eventually } from "./api.ts";
import { newTenant } from "./tenant.ts";

/*
 * Every rpc that writes, tried with Keynode-Validate-Only: by what the databases hold before and after, nothing has
 * happened. The rpcs come from the descriptors, so one that is new is tried like all others.
 */

let admin: Api;
let caller: Actor;
let specimens: Specimens;
let face: Face;
let client: ReturnType<typeof mongoClient>;

const writes = rows.filter(({ rules, method }) => rules.effect !== "READ" && httpRule(method) !== undefined);
const header = { "keynode-validate-only": "true" } as const;

beforeAll(async () => {
  const { baseUrl, below } = inject("access");
  admin = await newTenant();
  caller = await newActor(admin, baseUrl, { "*": "ALL" }, []);
  specimens = await makeSpecimens(admin, { ownerId: caller.userId, teamId: "" });
  face = restFace(baseUrl, caller.credential, header);
  client = mongoClient(below.mongoUrl);
  await client.connect();
  await settled();
}, 180_000);

afterAll(() => client.close());

/** What reads write as well: who was shown what, and who tried to sign in. */
const kept: ReadonlySet<string> = new Set(["accesses", "auditEntries", "auditChains", "auditSeals", "auditSources"]);

/** Everything that the tenant has in any database, by place and id. */
const holdings = async (): Promise<Map<string, unknown>> => {
  const held = new Map<string, unknown>();
  const { tenant } = caller.principal;
  for (const { name: database } of (await client.db().admin().listDatabases()).databases) {
    const db = client.db(database);
    for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
      if (kept.has(name)) continue;
      for (const document of await db.collection(name).find({ tenant }).toArray()) {
        held.set(`${database}/${name}/${String(document._id)}`, document);
      }
    }
  }
  return held;
};

/** Waits until what was made for the test has come to rest: every event told and every copy up to date. */
const settled = (): Promise<void> =>
  eventually(
    async () => {
      const before = await holdings();
      return isSame(before, await holdings()) && ![...before.values()].some(isWaiting);
    },
    (isAtRest) => expect(isAtRest).toBe(true),
    60_000,
  );

const isWaiting = (document: unknown): boolean =>
  typeof document === "object" && document !== null && "outbox" in document && [document.outbox].flat().length > 0;

const isSame = (a: Map<string, unknown>, b: Map<string, unknown>): boolean =>
  JSON.stringify([...a], plain) === JSON.stringify([...b], plain);

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** A request that would have an effect, as far as the contract lets one be made up. */
const requestOf = (row: Row): JsonObject => {
  const { method, shape } = row;
  if (shape.kind === "create" && !method.input.fields.some(({ name }) => name === "requests")) {
    const collection = collections.get(shape.resource)?.collection ?? "";
    const fields = creations({ ownerId: caller.userId, teamId: "" }, specimens.ids["accounts"] ?? "")[collection];
    const field = method.input.fields.find(({ message }) => message !== undefined)?.jsonName ?? "";
    return fields === undefined ? emptyRequest(row) : { ...emptyRequest(row), [field]: fields };
  }
  if (shape.kind !== "record" && shape.kind !== "update") return emptyRequest(row);
  const id = specimens.ids[collections.get(shape.resource)?.collection ?? ""] ?? "none";
  const subject = { id, callerId: caller.userId, clauseId: specimens.clauseId };
  return { ...emptyRequest(row), ...withoutEtag(requestOn(method, shape, subject)) };
};

/** The matrix tries with an etag that no record has, which would hide here what comes after it. */
const withoutEtag = (request: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(request)
      .filter(([name]) => name !== "etag")
      .map(([name, value]): [string, JsonValue] => [name, isObject(value) ? withoutEtag(value) : value]),
  );

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

describe("a write that is only validated", () => {
  const outcomes = new Map<string, string>();
  let before: Map<string, unknown>;

  beforeAll(async () => {
    before = await holdings();
    for (const row of writes) outcomes.set(row.name, (await face.call(row.method, requestOf(row))).said);
  }, 300_000);

  test.for(writes)("$name is answered, or says that it cannot be tried", ({ name, rules }) => {
    const said = outcomes.get(name) ?? "";
    expect(said).toMatch(rules.effect === "CREDENTIAL" ? /VALIDATE_ONLY_NOT_OFFERED/ : /^[24]/);
  });

  test("is answered as if it had happened where it may", () => {
    const answered = [...outcomes].filter(([, said]) => said.startsWith("200")).map(([name]) => name);
    expect(answered.length).toBeGreaterThan(50);
    for (const name of [
      "CreateLead",
      "UpdateLead",
      "QualifyLead",
      "CreateCase",
      "CreateOpportunity",
      "DeleteAccount",
    ]) {
      expect(
        answered.some((one) => one.endsWith(`/${name}`)),
        `${name}: ${JSON.stringify([...outcomes])}`,
      ).toBe(true);
    }
  });

  test("changes nothing anywhere: no record, no event, no number, no copy", async () => {
    const after = await holdings();
    expect([...after.keys()].filter((place) => !before.has(place))).toEqual([]);
    for (const [place, document] of before) expect(after.get(place), place).toEqual(document);
  });
});
