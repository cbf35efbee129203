import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { specify } from "@keynode/decider/testing";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/team/decide.ts";
import { evolve } from "../../src/domain/team/evolve.ts";
import type { TeamCommand, TeamContext, TeamEvent } from "../../src/domain/team/team.ts";

const now = new Date("2026-03-01T08:00:00Z");
const id = "team_east";
const under = (...lineage: string[]): TeamContext => ({ now, id, lineage });
const team = Team.fromPartial({ id, name: "East", parentTeamId: "team_all" });
const created: TeamEvent = { type: "TeamCreated", team: { ...team, teamId: id } };
const move = (parentTeamId: string): TeamCommand => ({
  type: "UpdateTeam",
  team: { ...team, parentTeamId },
  updateMask: ["parent_team_id"],
});

const rules = specify({ decide, evolve });

describe("a team", () => {
  it("belongs to itself", () => {
    rules
      .given()
      .when({ type: "CreateTeam", team }, under("team_all"))
      .thenTypes(["TeamCreated"], (state) => {
        expect(state.teamId).toBe(id);
      });
  });
  it("is part of a team that the tenant has", () => {
    rules
      .given()
      .when({ type: "CreateTeam", team }, under())
      .thenRefused("PARENT_NOT_FOUND", { parentTeamId: "team_all" });
  });
  it("moves to another team, and out of all", () => {
    rules.given(created).when(move("team_west"), under("team_west", "team_all")).thenTypes(["TeamEdited"]);
    rules
      .given(created)
      .when(move(""), under())
      .thenTypes(["TeamEdited"], (state) => {
        expect(state.parentTeamId).toBe("");
      });
  });
  it("is not a part of itself, nor of its own parts", () => {
    rules.given(created).when(move(id), under(id)).thenRefused("TEAM_CYCLE");
    rules
      .given(created)
      .when(move("team_harbour"), under("team_harbour", "team_city", id))
      .thenRefused("TEAM_CYCLE");
  });
  it("may be renamed after its parent was deleted", () => {
    rules
      .given(created)
      .when(
        { type: "UpdateTeam", team: { ...team, name: "Far East" }, updateMask: ["name", "parent_team_id"] },
        under(),
      )
      .thenTypes(["TeamEdited"]);
  });
  it("is quiet when it is updated, deleted or restored again", () => {
    rules.given(created).when(move("team_all"), under("team_all")).thenNothing();
    rules
      .given(created, { type: "TeamDeleted", deleteTime: now })
      .when({ type: "DeleteTeam", id, etag: "" }, under())
      .thenNothing();
    rules.given(created).when({ type: "UndeleteTeam", id, etag: "" }, under()).thenNothing();
  });
});
