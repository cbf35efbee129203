import { ReadJournalResponse } from "@keynode/contracts/crm/chassis/v1/journal_service";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadCaptured, LeadEdited } from "@keynode/contracts/crm/lead/v1/lead_events";
import { expect, it } from "vitest";
import { entryOfEvent } from "../../src/audit/entry-of-row.ts";

const row = (more: Partial<ReadJournalResponse>) =>
  ReadJournalResponse.fromPartial({ context: "lead", recordId: "lead_1", index: 0, count: 1, ...more });
const snapshot = Lead.fromPartial({
  id: "lead_1",
  name: "王芳",
  customFields: { shoeSize: { number: 38 }, nickname: { text: "Fang" } },
});

it("a commit that made a record is told with the custom fields that it filled, by their keys", () => {
  const data = LeadCaptured.encode(LeadCaptured.fromPartial({ snapshot })).finish();
  const { entry } = entryOfEvent(row({ type: "LeadCaptured", version: 1, data: Buffer.from(data) }));
  expect(entry.fields).toEqual(["name", "customFields.shoeSize", "customFields.nickname"]);
  expect(JSON.stringify(entry)).not.toContain("Fang");
});

it("a commit that changed one is told with those that it changed, and with no private names", () => {
  const data = LeadEdited.encode(LeadEdited.fromPartial({ snapshot })).finish();
  const changedFields = ["name", "customFields.shoeSize", "customKeys", "nameKey"];
  const { entry } = entryOfEvent(row({ type: "LeadEdited", version: 2, data: Buffer.from(data), changedFields }));
  expect(entry.fields).toEqual(["name", "customFields.shoeSize"]);
});
