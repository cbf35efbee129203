import {
  ListVocabulariesRequest,
  VocabularyServiceService,
} from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import { Vocabulary, Vocabulary_Value } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { newId } from "@keynode/aggregate/type-id";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, expect, test } from "vitest";
import { refusal, startIdentity, stranger } from "./start.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startIdentity();
});

const listed = (filter = "", more: Partial<ListVocabulariesRequest> = {}) =>
  ListVocabulariesRequest.fromPartial({ filter, ...more });
const value = (key: string, en: string, zh: string): Vocabulary_Value =>
  Vocabulary_Value.fromPartial({ key, displayName: { en, zh } });

/** A tenant of its own, so that nobody else changes its vocabularies. */
const tenantOf = () => under.client(VocabularyServiceService, stranger());

const leadSource = async (client: ReturnType<typeof tenantOf>): Promise<Vocabulary> => {
  const { vocabularies } = await client.listVocabularies(listed('key = "leadSource"'));
  if (vocabularies[0] === undefined) throw new Error("no leadSource");
  return vocabularies[0];
};

test("every tenant has the built-in vocabularies without anybody making them, in two languages", async () => {
  const client = tenantOf();
  const { vocabularies } = await client.listVocabularies(listed());
  expect(vocabularies.map(({ key }) => key)).toEqual([
    "caseCategory",
    "disqualificationReason",
    "industry",
    "interest",
    "keyNodeKind",
    "leadSource",
    "lossReason",
    "need",
    "productSeries",
  ]);
  for (const { builtIn, displayName, values } of vocabularies) {
    expect(builtIn).toBe(true);
    for (const name of [displayName, ...values.map((each) => each.displayName)]) {
      expect(name?.en).toMatch(/\w/);
      expect(name?.zh).toMatch(/\p{Script=Han}/u);
    }
  }
});

test("a page of vocabularies leads to the next", async () => {
  const client = tenantOf();
  const keys: string[] = [];
  let pageToken = "";
  do {
    const page = await client.listVocabularies(listed("", { pageSize: 4, pageToken, orderBy: "key desc" }));
    keys.push(...page.vocabularies.map(({ key }) => key));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  expect(keys).toEqual(keys.toSorted().toReversed());
  expect(keys).toHaveLength(9);
});

test("a built-in vocabulary is changed like any other; its id does not change, and others' tenants see nothing of it", async () => {
  const client = tenantOf();
  const before = await leadSource(client);
  const [first, ...rest] = before.values;
  if (first === undefined) throw new Error("no values");
  const values = [
    ...rest,
    { ...first, retired: true, displayName: { en: "Site", zh: "网站" } },
    value("kol", "Influencer", "达人"),
  ];
  const after = await client.updateVocabulary({
    vocabulary: Vocabulary.fromPartial({ id: before.id, values }),
    updateMask: ["values"],
  });
  expect(after).toMatchObject({ id: before.id, key: "leadSource", builtIn: true, values });
  expect(await client.getVocabulary({ id: before.id })).toEqual(after);
  expect((await leadSource(tenantOf())).values).toEqual(before.values);
});

test("a vocabulary of the tenant's own is made, deleted and had back; its key is unique", async () => {
  const client = tenantOf();
  const vocabulary = Vocabulary.fromPartial({
    key: "skinType",
    displayName: { en: "Skin type", zh: "肤质" },
    values: [value("dry", "Dry", "干性")],
  });
  const made = await client.createVocabulary({ vocabulary });
  expect(made).toMatchObject({ key: "skinType", builtIn: false, ownerId: "", open: false });
  expect(await refusal(client.createVocabulary({ vocabulary }))).toMatchObject({ reason: "ALREADY_EXISTS" });
  await client.deleteVocabulary({ id: made.id, etag: "" });
  expect((await client.listVocabularies(listed("builtIn = false"))).vocabularies).toEqual([]);
  const { vocabularies } = await client.listVocabularies(listed("builtIn = false", { showDeleted: true }));
  expect(vocabularies.map(({ key }) => key)).toEqual(["skinType"]);
  expect(await client.undeleteVocabulary({ id: made.id, etag: "" })).toMatchObject({ values: vocabulary.values });
});

test("a built-in vocabulary is neither made again nor deleted", async () => {
  const client = tenantOf();
  const { id } = await leadSource(client);
  expect(await refusal(client.deleteVocabulary({ id, etag: "" }))).toMatchObject({ reason: "VOCABULARY_BUILT_IN" });
  const vocabulary = Vocabulary.fromPartial({ key: "leadSource", displayName: { en: "Mine", zh: "我的" } });
  expect(await refusal(client.createVocabulary({ vocabulary }))).toMatchObject({ reason: "ALREADY_EXISTS" });
});

test("a change on top of another's is refused by the etag", async () => {
  const client = tenantOf();
  const { id } = await leadSource(client);
  const open = (etag: string, isOpen: boolean) =>
    client.updateVocabulary({ vocabulary: Vocabulary.fromPartial({ id, etag, open: isOpen }), updateMask: ["open"] });
  const { etag } = await open("", true);
  await open(etag, false);
  expect(await refusal(open(etag, true))).toMatchObject({ reason: "ETAG_MISMATCH" });
});

test("who sees only what is theirs sees no vocabulary, and changes none", async () => {
  const { tenant } = under;
  const client = under.client(VocabularyServiceService, stranger({ tenant, grants: { "vocabularies.*": "own" } }));
  expect((await client.listVocabularies(listed())).vocabularies).toEqual([]);
  const { id } = await leadSource(under.client(VocabularyServiceService, stranger({ tenant })));
  expect(await refusal(client.getVocabulary({ id }))).toMatchObject({ reason: "NOT_FOUND" });
  const vocabulary = Vocabulary.fromPartial({ id, open: true });
  expect(await refusal(client.updateVocabulary({ vocabulary }))).toMatchObject({ reason: "NOT_FOUND" });
});

test("every value that is wrong is named", async () => {
  const client = tenantOf();
  const vocabulary = Vocabulary.fromPartial({
    key: "grade",
    displayName: { en: "Grade", zh: "等级" },
    values: [value("a", "A", "甲"), value("no blanks", "B", "乙"), value("a", "A again", "又一个甲")],
  });
  expect((await refusal(client.createVocabulary({ vocabulary }))).fields).toEqual(["vocabulary.values[1].key"]);
  const repeated = { ...vocabulary, values: vocabulary.values.filter(({ key }) => key === "a") };
  expect(await refusal(client.createVocabulary({ vocabulary: repeated }))).toMatchObject({
    reason: "VOCABULARY_VALUES_INVALID",
    fields: ["vocabulary.values[1].key"],
  });
});

test("of two that are made at once for the last place, one gets it", async () => {
  const caller = stranger();
  const client = under.client(VocabularyServiceService, caller);
  const rows = Array.from({ length: 199 }, () => ({ _id: newId("vocabulary") as never, tenant: caller.tenant }));
  await under.db.collection("vocabularies").insertMany(rows);
  const create = (key: string) =>
    client.createVocabulary({ vocabulary: Vocabulary.fromPartial({ key, displayName: { en: key, zh: "肤质" } }) });
  const outcomes = await Promise.allSettled(["one", "two", "three", "four"].map(create));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});
