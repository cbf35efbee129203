import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { VocabularyCreated, VocabularyEdited } from "@keynode/contracts/crm/identity/v1/vocabulary_events";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService } from "@keynode/contracts/crm/lead/v1/lead_service";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { vocabularyIdOf } from "@keynode/runtime/vocabularies/effective";
import { beforeAll, expect, test } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
const leads = () => under.client(LeadServiceService);

beforeAll(async () => {
  under = await startForTest(leadService);
});

/** What identity says of a vocabulary after its n-th change. */
const decided = (version: number, vocabulary: Partial<Vocabulary> & { key: string }) => {
  const recordId = vocabularyIdOf(under.tenant, vocabulary.key);
  const snapshot = Vocabulary.fromPartial({ id: recordId, ...vocabulary });
  const common = { context: "identity", kind: "vocabulary", recordId, version };
  return version === 1
    ? under.event({
        ...common,
        type: "VocabularyCreated",
        codec: VocabularyCreated,
        message: VocabularyCreated.fromPartial({ vocabulary: snapshot, snapshot }),
      })
    : under.event({
        ...common,
        type: "VocabularyEdited",
        codec: VocabularyEdited,
        message: VocabularyEdited.fromPartial({ changes: snapshot, changedFields: ["values"], snapshot }),
      });
};
const value = (key: string, retired = false) => ({ key, displayName: { en: key, zh: key }, color: "", retired });

const named = (fields: Partial<Lead>) => Lead.fromPartial({ name: "Wang Fang", ...fields });
const violations = async (call: Promise<unknown>) => {
  const error = await refused(call);
  return error.details.violations.map(({ field, reason }) => ({ field, reason }));
};

test("a field of a vocabulary takes the values that every tenant has, and no value at all", async () => {
  expect(await leads().createLead({ lead: named({ sourceKey: "douyin" }) })).toMatchObject({ sourceKey: "douyin" });
  expect((await leads().createLead({ lead: named({}) })).sourceKey ?? "").toBe("");
});

test("a value that nobody offers is refused, and the field is named; of a batch, its item", async () => {
  const wrong = { field: "lead.source_key", reason: "VOCABULARY_VALUE_UNKNOWN" };
  expect(await violations(leads().createLead({ lead: named({ sourceKey: "carrierPigeon" }) }))).toEqual([wrong]);
  const { results } = await leads().batchCreateLeads({
    requests: [{ lead: named({ sourceKey: "douyin" }) }, { lead: named({ sourceKey: "carrierPigeon" }) }],
  });
  expect(results.map(({ lead }) => lead?.sourceKey)).toEqual(["douyin", undefined]);
});

test("an open vocabulary takes any text", async () => {
  const lead = await leads().createLead({ lead: named({ needs: ["a mobile app", "手机应用"] }) });
  expect(lead.needs).toEqual(["a mobile app", "手机应用"]);
});

test("a command's reason in the tenant's own words is kept with the platform's", async () => {
  const { id } = await leads().createLead({ lead: named({}) });
  const given = { id, etag: "", reason: "OTHER", reasonKey: "jobSeeker", note: "" } as const;
  const lead = await leads().disqualifyLead(given);
  expect(lead.qualification).toMatchObject({ reason: "OTHER", reasonKey: "jobSeeker" });
  expect(await violations(leads().disqualifyLead({ ...given, reasonKey: "no such" }))).toEqual([
    { field: "reason_key", reason: "VOCABULARY_VALUE_UNKNOWN" },
  ]);
});

test("a value added by the tenant is taken at once, and what is retired is kept but chosen no more", async () => {
  await under.publish(decided(1, { key: "leadSource", values: [value("kol")] }));
  const { id } = await leads().createLead({ lead: named({ sourceKey: "kol" }) });
  const other = await leads().createLead({ lead: named({ sourceKey: "douyin" }) });
  await under.publish(decided(2, { key: "leadSource", values: [value("kol", true)] }));

  const retired = [{ field: "lead.source_key", reason: "VOCABULARY_VALUE_RETIRED" }];
  await expect.poll(() => violations(leads().createLead({ lead: named({ sourceKey: "kol" }) }))).toEqual(retired);
  const update = (leadId: string, more: Partial<Lead> = {}) =>
    leads().updateLead({
      lead: named({ id: leadId, sourceKey: "kol", ...more }),
      updateMask: ["source_key", "company"],
    });
  expect(await update(id, { company: "Acme" })).toMatchObject({ sourceKey: "kol", company: "Acme" });
  expect(await violations(update(other.id))).toEqual(retired);
  expect(
    await leads().updateLead({ lead: Lead.fromPartial({ id, sourceKey: "douyin" }), updateMask: ["source_key"] }),
  ).toMatchObject({ sourceKey: "douyin" });
});

test("a tenant that closes an open vocabulary has its values checked", async () => {
  await under.publish(decided(1, { key: "interest", open: false, values: [value("crm")] }));
  await expect
    .poll(() => violations(leads().createLead({ lead: named({ interests: ["crm", "erp"] }) })))
    .toEqual([{ field: "lead.interests[1]", reason: "VOCABULARY_VALUE_UNKNOWN" }]);
});
