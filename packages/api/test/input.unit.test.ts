import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { isDomainError } from "@keynode/decider/domain-error";
import { describe, expect, it } from "vitest";
import { inputOf, mayChange } from "../src/input.ts";

const input = inputOf<Lead>({ typeName: "crm.lead.v1.Lead", fromPartial: Lead.fromPartial }, "lead.");
const refused = (outcome: unknown) =>
  isDomainError(outcome)
    ? { reason: outcome.reason, fields: outcome.violations.map(({ field, reason }) => `${field} ${reason}`) }
    : outcome;

describe("a create", () => {
  it("keeps what a caller may set and drops what the service assigns", () => {
    const given = Lead.fromPartial({
      id: "lead_1",
      etag: "7",
      status: "CONVERTED",
      inquiryCount: 9,
      createTime: new Date(),
      name: "Wang Fang",
      ownerId: "user_1",
    });
    const taken = input.ofCreate(given);
    expect(taken).toMatchObject({ name: "Wang Fang", ownerId: "user_1" });
    expect(taken).toMatchObject({ id: "", etag: "", inquiryCount: 0, createTime: undefined });
    expect(taken.status).not.toBe("CONVERTED");
  });
});

describe("an update", () => {
  it("changes the fields of its mask", () => {
    expect(input.ofUpdate(Lead.fromPartial({ company: "" }), ["company"])).toEqual(["company"]);
  });
  it("without a mask changes what the patch fills, and nothing that it may not", () => {
    const patch = Lead.fromPartial({ id: "lead_1", company: "Acme", needs: ["seats"], ownerId: "user_2" });
    expect(input.ofUpdate(patch, undefined)).toEqual(expect.arrayContaining(["company", "needs"]));
    expect(input.ofUpdate(patch, [])).not.toContain("owner_id");
  });
  it("with * changes every field that may be changed", () => {
    const paths = input.ofUpdate(Lead.fromPartial({ name: "Wang Fang" }), ["*"]);
    expect(paths).toEqual(expect.arrayContaining(["name", "company", "needs"]));
    expect(paths).not.toEqual(expect.arrayContaining(["status"]));
  });
  it("is refused naming every path that does not exist or may not be changed", () => {
    const mask = ["company", "nickname", "status", "owner_id", "name.first", "id"];
    expect(refused(input.ofUpdate(Lead.fromPartial({}), mask))).toEqual({
      reason: "INVALID_FIELD_MASK",
      fields: [
        "nickname UNKNOWN_FIELD",
        "status FIELD_NOT_CHANGEABLE",
        "owner_id FIELD_NOT_CHANGEABLE",
        "name.first UNKNOWN_FIELD",
        "id FIELD_NOT_CHANGEABLE",
      ],
    });
  });
  it("may not empty what is required", () => {
    for (const mask of [["name", "company"], ["*"]]) {
      expect(refused(input.ofUpdate(Lead.fromPartial({}), mask))).toEqual({
        reason: "INVALID_REQUEST",
        fields: ["lead.name FIELD_REQUIRED"],
      });
    }
  });
  it("with * may name no path that does not exist beside it", () => {
    expect(refused(input.ofUpdate(Lead.fromPartial({ name: "Wang Fang" }), ["*", "nickname"]))).toEqual({
      reason: "INVALID_FIELD_MASK",
      fields: ["nickname UNKNOWN_FIELD"],
    });
  });
  it.each<[string[], boolean]>([
    [[], true],
    [["*"], true],
    [["company", "name"], true],
    [["company"], false],
  ])("by the mask %j may change a field or not", (mask, may) => {
    expect(mayChange(mask, "name")).toBe(may);
  });
});
