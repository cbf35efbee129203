import { describe, it } from "vitest";
import { crudDecider } from "@keynode/decider/crud";
import { reject } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";

type Tag = { ownerId: string; teamId: string; deleteTime?: Date | undefined; label: string };
const tag: Tag = { ownerId: "user_a", teamId: "team_a", label: "hot" };
const now = new Date("2026-03-01T08:00:00Z");
const later = new Date("2026-03-02T08:00:00Z");
const rules = specify(
  crudDecider<"Tag", "tag", Tag, { now: Date }>("Tag", "tag", ({ label }) =>
    label === "" ? reject("LABEL_MISSING") : undefined,
  ),
);
const created = { type: "TagCreated", tag } as const;
const deleted = { type: "TagDeleted", deleteTime: now } as const;

describe("a record without rules of its own", () => {
  it("is created as it was given", () => {
    rules.given().when({ type: "CreateTag", tag }, { now }).then(created);
  });
  it("is refused when the check refuses what a create would leave", () => {
    rules
      .given()
      .when({ type: "CreateTag", tag: { ...tag, label: "" } }, { now })
      .thenRefused("LABEL_MISSING");
  });
  it("is refused when the check refuses what an update would leave", () => {
    rules
      .given(created)
      .when({ type: "UpdateTag", tag: { ...tag, label: "" }, updateMask: ["label"] }, { now })
      .thenRefused("LABEL_MISSING");
  });
  it("records the fields that an update really changes", () => {
    const changes = { ...tag, label: "cold" };
    rules
      .given(created)
      .when({ type: "UpdateTag", tag: changes, updateMask: ["label", "owner_id"] }, { now })
      .then({ type: "TagEdited", changes, changedFields: ["label"], editTime: now });
  });
  it("is quiet when an update changes nothing", () => {
    rules
      .given(created)
      .when({ type: "UpdateTag", tag, updateMask: ["label"] }, { now })
      .thenNothing();
  });
  it("is deleted once and brought back once", () => {
    rules.given(created).when({ type: "DeleteTag" }, { now }).then(deleted);
    rules.given(created, deleted).when({ type: "DeleteTag" }, { now: later }).thenNothing();
    rules.given(created, deleted).when({ type: "UndeleteTag" }, { now }).then({ type: "TagRestored" });
    rules.given(created).when({ type: "UndeleteTag" }, { now }).thenNothing();
  });
  it("keeps its team when it is handed to an owner without naming one", () => {
    rules.given(created).when({ type: "ReassignTag", ownerId: "user_b", teamId: "" }, { now }).then({
      type: "TagReassigned",
      fromOwnerId: "user_a",
      fromTeamId: "team_a",
      ownerId: "user_b",
      teamId: "team_a",
    });
  });
  it("is quiet when it is handed to whom it belongs", () => {
    rules.given(created).when({ type: "ReassignTag", ownerId: "user_a", teamId: "team_a" }, { now }).thenNothing();
  });
});
