import { newId } from "@keynode/aggregate/type-id";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { ListTeamsRequest, TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { RpcError } from "@keynode/grpc/rpc-error";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { identityService } from "../src/service.ts";
import { refusal, required, stranger } from "./start.ts";

let under: ServiceUnderTest;
const admin = stranger();
let teams: GrpcClient<typeof TeamServiceService>;

beforeAll(async () => {
  under = await startForTest(identityService, required);
  teams = under.client(TeamServiceService, admin);
});

const make = (partial: Partial<Team> = {}) =>
  teams.createTeam({ team: Team.fromPartial({ name: "East", ...partial }) });
const move = (id: string, parentTeamId: string) =>
  teams.updateTeam({ team: Team.fromPartial({ id, parentTeamId }), updateMask: ["parent_team_id"] });
/** Two teams, each to become the other's part. */
const opposite: [number, number][] = [
  [0, 1],
  [1, 0],
];
const listed = async (filter: string) =>
  (await teams.listTeams(ListTeamsRequest.fromPartial({ filter }))).teams.map(({ id }) => id);

describe("a team", () => {
  it("is its own team and its maker's", async () => {
    const team = await make();
    expect(team).toMatchObject({ teamId: team.id, ownerId: admin.actor });
    expect(await teams.getTeam({ id: team.id })).toEqual(team);
  });
  it("is refused when another has its external key, naming that one, until that one is deleted", async () => {
    const first = await make({ externalKey: "region-1" });
    expect(await refusal(make({ externalKey: "region-1" }))).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "TEAM_EXISTS",
      metadata: { teamId: first.id },
    });
    await teams.deleteTeam({ id: first.id, etag: "" });
    await make({ externalKey: "region-1" });
    expect(await refusal(teams.undeleteTeam({ id: first.id, etag: "" }))).toMatchObject({ reason: "TEAM_EXISTS" });
  });
  it("is part of a team of the same tenant that is not deleted", async () => {
    const elsewhere = await under
      .client(TeamServiceService, stranger())
      .createTeam({ team: Team.fromPartial({ name: "W" }) });
    const gone = await make();
    await teams.deleteTeam({ id: gone.id, etag: "" });
    for (const parentTeamId of [newId("team"), elsewhere.id, gone.id]) {
      expect(await refusal(make({ parentTeamId }))).toMatchObject({
        code: "INVALID_ARGUMENT",
        reason: "PARENT_NOT_FOUND",
        fields: ["team.parent_team_id"],
      });
    }
  });
  it("never becomes a part of itself, however deep", async () => {
    const all = await make();
    const east = await make({ parentTeamId: all.id });
    const harbour = await make({ parentTeamId: east.id });
    expect(await refusal(move(all.id, harbour.id))).toMatchObject({ reason: "TEAM_CYCLE" });
    expect(await refusal(move(all.id, all.id))).toMatchObject({ reason: "TEAM_CYCLE" });
    expect((await move(harbour.id, all.id)).parentTeamId).toBe(all.id);
  });
  it("never becomes a part of itself through a deleted team, which still stands between", async () => {
    const all = await make();
    const east = await make({ parentTeamId: all.id });
    const harbour = await make({ parentTeamId: east.id });
    await teams.deleteTeam({ id: east.id, etag: "" });
    expect(await refusal(move(all.id, harbour.id))).toMatchObject({ reason: "TEAM_CYCLE" });
  });
  it("never becomes a part of itself by moves at once, whichever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 2, maxLength: 8 }), async (moves) => {
        const made = await Promise.all(Array.from({ length: 5 }, () => make()));
        const ids = made.map(({ id }) => id);
        const outcomes = await Promise.allSettled(
          moves.map(([part, whole]) => move(ids[part] ?? "", ids[whole] ?? "")),
        );
        const refusals = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason as RpcError] : []));
        expect(refusals.filter(({ details }) => details.reason !== "TEAM_CYCLE")).toEqual([]);
        const parents = new Map(
          await Promise.all(ids.map(async (id) => [id, (await teams.getTeam({ id })).parentTeamId] as const)),
        );
        for (const id of ids) {
          const above: string[] = [];
          for (let next = id; next !== ""; next = parents.get(next) ?? "") {
            expect(above, "a circle").not.toContain(next);
            above.push(next);
          }
        }
      }),
      { numRuns: 15, examples: [[opposite], [opposite], [opposite]] },
    );
  });
});

describe("teams", () => {
  it("come in batches, each accepted or refused on its own", async () => {
    const requests = [
      { team: Team.fromPartial({ name: "A", externalKey: "batch-a" }) },
      { team: Team.fromPartial({ name: "B", parentTeamId: newId("team") }) },
      { team: Team.fromPartial({ name: "" }) },
    ];
    const { results } = await teams.batchCreateTeams({ requests });
    expect(results.map(({ team, status }) => team?.name ?? status?.code)).toEqual(["A", 3, 3]);
  });
  it("are found by region, parent and external key", async () => {
    const parent = await make();
    const team = await make({ region: "Central", parentTeamId: parent.id, externalKey: "found-1" });
    for (const filter of ['region = "Central"', `parentTeamId = "${parent.id}"`, 'externalKey = "found-1"']) {
      expect(await listed(filter), filter).toEqual([team.id]);
    }
  });
});
