import { CustomField } from "@keynode/contracts/crm/identity/v1/custom_field";
import {
  CustomFieldServiceService,
  ListCustomFieldsRequest,
} from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { Form } from "@keynode/contracts/crm/identity/v1/form";
import { FormServiceService } from "@keynode/contracts/crm/identity/v1/form_service";
import { Vocabulary } from "@keynode/contracts/crm/identity/v1/vocabulary";
import { VocabularyServiceService } from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { runDry } from "@keynode/telemetry/dry-run";
import { beforeAll, describe, expect, it } from "vitest";
import { refusal, startIdentity, stranger } from "./start.ts";

let under: ServiceUnderTest;

beforeAll(async () => {
  under = await startIdentity();
});

const displayName = { en: "Shoe size", zh: "鞋码" };

describe("what tenants shape, tried without effect,", () => {
  it("is a custom field that is made or had back", async () => {
    const fields = under.client(CustomFieldServiceService, stranger());
    const customField = CustomField.fromPartial({ collection: "leads", key: "shoeSize", kind: "NUMBER", displayName });
    const listed = async () => (await fields.listCustomFields(ListCustomFieldsRequest.fromPartial({}))).customFields;

    expect(await runDry(() => fields.createCustomField({ customField }))).toMatchObject({ key: "shoeSize" });
    expect(await listed()).toEqual([]);
    const { id } = await fields.createCustomField({ customField });
    expect(await refusal(runDry(() => fields.createCustomField({ customField })))).toMatchObject({
      reason: "CUSTOM_FIELD_EXISTS",
    });
    await fields.deleteCustomField({ id, etag: "" });
    expect((await runDry(() => fields.undeleteCustomField({ id, etag: "" }))).deleteTime).toBeUndefined();
    expect((await fields.getCustomField({ id })).deleteTime).toBeInstanceOf(Date);
  });

  it("is a vocabulary that is made, changed or deleted", async () => {
    const vocabularies = under.client(VocabularyServiceService, stranger());
    const vocabulary = Vocabulary.fromPartial({ key: "skinType", displayName });

    const { id } = await runDry(() => vocabularies.createVocabulary({ vocabulary }));
    expect(await refusal(vocabularies.getVocabulary({ id }))).toMatchObject({ reason: "NOT_FOUND" });
    const made = await vocabularies.createVocabulary({ vocabulary });
    const patch = { vocabulary: Vocabulary.fromPartial({ id, open: true }), updateMask: ["open"] };
    expect(await runDry(() => vocabularies.updateVocabulary(patch))).toMatchObject({ open: true });
    expect((await runDry(() => vocabularies.deleteVocabulary({ id, etag: "" }))).deleteTime).toBeInstanceOf(Date);
    expect(await vocabularies.getVocabulary({ id })).toEqual(made);
  });

  it("is a form that is made or changed", async () => {
    const forms = under.client(FormServiceService, stranger());
    const sections = [{ displayName, entries: [{ field: "company" }] }];
    const form = Form.fromPartial({ collection: "leads", sections });

    const { id } = await runDry(() => forms.createForm({ form }));
    expect(await refusal(forms.getForm({ id }))).toMatchObject({ reason: "NOT_FOUND" });
    const made = await forms.createForm({ form });
    const twice = [...sections, { displayName, entries: [] }];
    const patch = { form: Form.fromPartial({ id, sections: twice }), updateMask: ["sections"] };
    expect((await runDry(() => forms.updateForm(patch))).sections).toHaveLength(2);
    expect(await forms.getForm({ id })).toEqual(made);
  });
});
