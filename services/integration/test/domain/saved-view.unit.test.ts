import { SavedView } from "@keynode/contracts/crm/integration/v1/saved_view";
import { isDomainError } from "@keynode/decider/domain-error";
import { specify } from "@keynode/decider/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  audienceOf,
  type SavedViewCommand,
  type SavedViewContext,
  savedViewDecider,
  type SavedViewEvent,
  type SavedViewState,
} from "../../src/domain/saved-view/saved-view.ts";

const context: SavedViewContext = { now: new Date("2026-03-01T08:00:00Z"), collections: new Set(["leads"]) };
const savedView = SavedView.fromPartial({ name: "Hot", collection: "leads", ownerId: "user_li", teamId: "team_east" });
const created: SavedViewEvent = { type: "SavedViewCreated", savedView };
const deleted: SavedViewEvent = { type: "SavedViewDeleted", deleteTime: context.now };
const update = (changes: Partial<SavedView>, ...updateMask: string[]): SavedViewCommand => ({
  type: "UpdateSavedView",
  savedView: { ...savedView, ...changes },
  updateMask,
});
const rules = specify(savedViewDecider);

describe("a saved view", () => {
  it("is of a collection that can be listed", () => {
    rules.given().when({ type: "CreateSavedView", savedView }, context).then(created);
    rules
      .given()
      .when({ type: "CreateSavedView", savedView: { ...savedView, collection: "wishes" } }, context)
      .thenRefused("COLLECTION_UNKNOWN", { collection: "wishes" });
  });
  it("changes what the mask names, and is quiet when that is so already", () => {
    rules
      .given(created)
      .when(update({ filter: "status = NEW", name: "Other" }, "filter"), context)
      .thenTypes(["SavedViewEdited"], (state) => {
        expect(state).toMatchObject({ filter: "status = NEW", name: "Hot" });
      });
    rules
      .given(created)
      .when(update({}, "name", "columns"), context)
      .thenNothing();
  });
  it("is handed over, deleted and brought back, each once", () => {
    const to = { type: "ReassignSavedView", ownerId: "user_zhao", teamId: "" } as const;
    rules.given(created).when(to, context).then({
      type: "SavedViewReassigned",
      fromOwnerId: "user_li",
      fromTeamId: "team_east",
      ownerId: "user_zhao",
      teamId: "team_east",
    });
    rules
      .given(created)
      .when({ ...to, ownerId: "user_li" }, context)
      .thenNothing();
    rules.given(created).when({ type: "DeleteSavedView" }, context).then(deleted);
    rules.given(created, deleted).when({ type: "DeleteSavedView" }, context).thenNothing();
    rules.given(created, deleted).when({ type: "UndeleteSavedView" }, context).then({ type: "SavedViewRestored" });
    rules.given(created).when({ type: "UndeleteSavedView" }, context).thenNothing();
  });
  it("is everyone's to read exactly while it is shared", () => {
    const commands: SavedViewCommand[] = [
      update({ shared: true }, "shared"),
      update({ shared: false }, "shared"),
      update({ name: "Warm" }, "name"),
      { type: "ReassignSavedView", ownerId: "user_zhao", teamId: "team_west" },
      { type: "DeleteSavedView" },
      { type: "UndeleteSavedView" },
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...commands), { maxLength: 30 }), (sequence) => {
        let state: SavedViewState = savedViewDecider.evolve(undefined, created);
        for (const command of sequence) {
          const outcome = savedViewDecider.decide(command, state, context);
          if (!isDomainError(outcome)) state = outcome.reduce<SavedViewState>(savedViewDecider.evolve, state);
          expect(audienceOf(state)).toBe(state.shared ? "everyone" : state.teamId);
          expect(state.collection).toBe("leads");
        }
      }),
    );
  });
});
