import { newId } from "@keynode/aggregate/type-id";
import { Lead } from "@keynode/contracts/crm/lead/v1/lead";
import { LeadServiceService, ListLeadsRequest } from "@keynode/contracts/crm/lead/v1/lead_service";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamEdited } from "@keynode/contracts/crm/identity/v1/team_events";
import { refused } from "@keynode/runtime/testing-refusal";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { leadService } from "../src/service.ts";

let under: ServiceUnderTest;
/** company ─ sales ─ east, west; company ─ service */
let teams: Readonly<Record<"company" | "sales" | "east" | "west" | "service", string>>;

beforeAll(async () => {
  under = await startForTest(leadService);
  const company = await under.team();
  const sales = await under.team({ parentTeamId: company });
  teams = {
    company,
    sales,
    east: await under.team({ parentTeamId: sales }),
    west: await under.team({ parentTeamId: sales }),
    service: await under.team({ parentTeamId: company }),
  };
});

const as = (actor: string, scope: "own" | "team" | "all", ...members: string[]) =>
  under.client(LeadServiceService, { actor, teams: members, grants: { "leads.*": scope } });
const lead = (given: Partial<Lead> = {}): Lead =>
  Lead.fromPartial({ name: "王芳", email: `${newId("mail")}@example.com`, ...given });
const idsOf = async (client: ReturnType<typeof as>): Promise<string[]> =>
  (await client.listLeads(ListLeadsRequest.fromPartial({ pageSize: 1_000 }))).leads.map(({ id }) => id);
const refusal = async (call: Promise<unknown>) => {
  const error = await refused(call);
  const { reason, violations } = error.details;
  return { code: error.code, reason, fields: violations.map(({ field, reason: why }) => `${field} ${why}`) };
};

describe("the scope team", () => {
  it("reaches the records of the caller's teams and of every team below them, in gets, lists and commands", async () => {
    const all = under.client(LeadServiceService);
    const { id } = await all.createLead({ lead: lead({ teamId: teams.east }) });
    for (const team of [teams.company, teams.sales, teams.east]) {
      const manager = as(newId("user"), "team", team);
      expect((await manager.getLead({ id })).id).toBe(id);
      expect(await idsOf(manager)).toContain(id);
    }
    for (const team of [teams.west, teams.service]) {
      const stranger = as(newId("user"), "team", team);
      expect((await refusal(stranger.getLead({ id }))).code).toBe("NOT_FOUND");
      expect((await refusal(stranger.deleteLead({ id, etag: "" }))).code).toBe("NOT_FOUND");
      expect(await idsOf(stranger)).not.toContain(id);
    }
    expect((await as(newId("user"), "team", teams.sales).deleteLead({ id, etag: "" })).deleteTime).toBeDefined();
  });

  it("follows a team that moves, for those above it before and after", async () => {
    const moving = await under.team({ parentTeamId: teams.sales });
    const { id } = await under.client(LeadServiceService).createLead({ lead: lead({ teamId: moving }) });
    const [before, after] = [as(newId("user"), "team", teams.sales), as(newId("user"), "team", teams.service)];
    expect((await before.getLead({ id })).id).toBe(id);
    expect((await refusal(after.getLead({ id }))).code).toBe("NOT_FOUND");
    const snapshot = Team.fromPartial({ id: moving, parentTeamId: teams.service });
    const event = { context: "identity", kind: "team", type: "TeamEdited", recordId: moving, version: 2 } as const;
    await under.publish(under.event({ ...event, codec: TeamEdited, message: TeamEdited.fromPartial({ snapshot }) }));
    await expect.poll(() => refusal(before.getLead({ id })), { timeout: 2_000 }).toMatchObject({ code: "NOT_FOUND" });
    expect((await after.getLead({ id })).id).toBe(id);
  });
});

describe("a new record", () => {
  it("is nobody else's under own, and in no team of others", async () => {
    const li = await under.user({ teamIds: [teams.east] });
    const zhao = as(newId("user"), "own", teams.east);
    expect(await refusal(zhao.createLead({ lead: lead({ ownerId: li }) }))).toEqual({
      code: "PERMISSION_DENIED",
      reason: "ASSIGNMENT_REFUSED",
      fields: ["lead.owner_id OUT_OF_REACH"],
    });
    expect((await refusal(zhao.createLead({ lead: lead({ teamId: teams.west }) }))).fields).toEqual([
      "lead.team_id OUT_OF_REACH",
    ]);
    expect(await zhao.createLead({ lead: lead() })).toMatchObject({ teamId: teams.east });
  });

  it("is a member's of the subtree under team", async () => {
    const [east, service] = [
      await under.user({ teamIds: [teams.east] }),
      await under.user({ teamIds: [teams.service] }),
    ];
    const manager = as(newId("user"), "team", teams.sales);
    expect(await manager.createLead({ lead: lead({ ownerId: east, teamId: teams.west }) })).toMatchObject({
      ownerId: east,
    });
    expect(
      (await refusal(manager.createLead({ lead: lead({ ownerId: service, teamId: teams.service }) }))).fields,
    ).toEqual(["lead.owner_id OUT_OF_REACH", "lead.team_id OUT_OF_REACH"]);
  });

  it("is no stranger's, no leaver's and in no other tenant's team, whoever makes it", async () => {
    const all = under.client(LeadServiceService);
    const gone = await under.user({ active: false });
    const elsewhere = newId("team");
    expect(await refusal(all.createLead({ lead: lead({ ownerId: gone, teamId: elsewhere }) }))).toEqual({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
      fields: ["lead.owner_id NO_SUCH_OWNER", "lead.team_id NO_SUCH_TEAM"],
    });
  });

  it("of a batch is refused by itself", async () => {
    const zhao = as(newId("user"), "own", teams.east);
    const li = await under.user();
    const { results } = await zhao.batchCreateLeads({
      requests: [{ lead: lead() }, { lead: lead({ ownerId: li }) }],
    });
    expect(results.map(({ status }) => status?.code)).toEqual([0, 7]);
  });
});

describe("handing over", () => {
  it("goes as far as the caller's right, so nobody takes a record out of sight or plants one on others", async () => {
    const zhao = newId("user");
    const li = await under.user({ teamIds: [teams.west] });
    const own = as(zhao, "own", teams.east);
    const { id } = await own.createLead({ lead: lead() });
    expect((await refusal(own.reassignLead({ id, etag: "", ownerId: li, teamId: "" }))).fields).toEqual([
      "owner_id OUT_OF_REACH",
    ]);
    const chief = as(newId("user"), "team", teams.east);
    expect((await refusal(chief.reassignLead({ id, etag: "", ownerId: zhao, teamId: teams.west }))).fields).toContain(
      "team_id OUT_OF_REACH",
    );
    const head = as(newId("user"), "team", teams.sales);
    expect(await head.reassignLead({ id, etag: "", ownerId: li, teamId: teams.west })).toMatchObject({ ownerId: li });
  });
});
