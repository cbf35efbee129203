import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import {
  ExplainPermissionRequest,
  PermissionServiceService,
} from "@keynode/contracts/crm/identity/v1/permission_service";
import { Role, type Role_Grant } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { startIdentity } from "./start.ts";

/** Changed roles raise the tenant's policy version, which refuses the tokens of before. */
const lasting = { policyVersion: 1_000 };

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startIdentity();
});

let count = 0;
const role = async (permission: string, scope: Role_Grant["scope"]): Promise<Role> => {
  count += 1;
  const given = Role.fromPartial({ name: `R${count}`, grants: [{ permission, scope }] });
  return await under.client(RoleServiceService, lasting).createRole({ role: given });
};
const user = async (given: Partial<User>): Promise<User> => {
  count += 1;
  const made = User.fromPartial({ name: "U", email: `e${count}@x.example`, ...given });
  return await under.client(UserServiceService, lasting).createUser({ user: made });
};
const team = (parentTeamId = ""): Promise<Team> =>
  under.client(TeamServiceService, lasting).createTeam({ team: Team.fromPartial({ name: "T", parentTeamId }) });
const explain = (given: Partial<ExplainPermissionRequest>, caller: object = {}) =>
  under
    .client(PermissionServiceService, { ...lasting, ...caller })
    .explainPermission(ExplainPermissionRequest.fromPartial(given));
const reasonOf = (call: Promise<unknown>) =>
  call.then(
    () => "accepted",
    (error: { details: { reason: string } }) => error.details.reason,
  );

describe("an explanation", () => {
  it("names every role that grants the permission, the farthest first, and how far they reach together", async () => {
    const [own, wide, other] = [
      await role("leads.*", "OWN"),
      await role("leads.read", "TEAM"),
      await role("cases.*", "ALL"),
    ];
    const { id: actorId } = await user({ roleIds: [own.id, wide.id, other.id] });
    expect(await explain({ actorId, permission: "leads.read" })).toMatchObject({
      allowed: true,
      scope: "TEAM",
      grants: [
        { roleId: wide.id, roleName: wide.name, scope: "TEAM" },
        { roleId: own.id, roleName: own.name, scope: "OWN" },
      ],
    });
    expect(await explain({ actorId, method: "crm.lead.v1.LeadService/DeleteLead" })).toMatchObject({
      permission: "leads.delete",
      scope: "OWN",
    });
    expect(await explain({ actorId, permission: "contracts.read" })).toMatchObject({
      allowed: false,
      missing: "GRANT",
    });
  });

  it("of a record names the rule: own, team by way of which teams, every record, or that it is out of reach", async () => {
    const [above, beside] = [await team(), await team()];
    const below = await team(above.id);
    const { id: roleId } = await role("teams.read", "TEAM");
    const [{ id: near }, { id: far }] = [
      await user({ roleIds: [roleId], teamIds: [above.id] }),
      await user({ roleIds: [roleId], teamIds: [beside.id] }),
    ];
    const ask = { permission: "teams.read", recordId: below.id };
    await expect
      .poll(() => explain({ ...ask, actorId: near }), { timeout: 5_000 })
      .toMatchObject({ allowed: true, rule: "TEAM_RECORD", teamPath: [above.id, below.id] });
    expect(await explain({ ...ask, actorId: far })).toMatchObject({
      allowed: false,
      missing: "REACH",
      rule: "RULE_UNSPECIFIED",
    });
    const { id: everything } = await user({ roleIds: [(await role("*", "ALL")).id] });
    expect(await explain({ ...ask, actorId: everything })).toMatchObject({ allowed: true, rule: "EVERY_RECORD" });
    const none = below.id.replace(/.{4}$/, "0000");
    expect(await explain({ ...ask, recordId: none, actorId: everything })).toMatchObject({ missing: "RECORD" });
  });

  it("says that the actor is barred: a user who is not active, an API key that was revoked", async () => {
    const { id: roleId } = await role("leads.read", "ALL");
    const { id } = await user({ roleIds: [roleId] });
    const keys = under.client(ApiKeyServiceService, lasting);
    const { apiKey } = await keys.createApiKey({ apiKey: ApiKey.fromPartial({ name: "K", roleIds: [roleId] }) });
    const key = apiKey?.id ?? "";
    expect(await explain({ actorId: id, permission: "leads.read" })).toMatchObject({ allowed: true });
    await under.client(UserServiceService, lasting).deactivateUser({ id, etag: "" });
    await keys.revokeApiKey({ id: key, etag: "" });
    for (const actorId of [id, key]) {
      expect(await explain({ actorId, permission: "leads.read" })).toMatchObject({
        allowed: false,
        missing: "ACTIVE_ACTOR",
      });
    }
  });
});

describe("asking", () => {
  it("about others needs a right that reaches them; about oneself none, and not whether others' records exist", async () => {
    const [{ id: li }, { id: zhao }] = [await user({}), await user({})];
    const own = { actor: li, teams: [], grants: { "permissions.explain": "own" } };
    expect(await reasonOf(explain({ actorId: zhao, permission: "leads.read" }, own))).toBe("NOT_FOUND");
    expect(await explain({ permission: "me.read" }, own)).toMatchObject({ actorId: li, allowed: true });
    const { id: roleId } = await role("teams.read", "OWN");
    const { id: wang } = await user({ roleIds: [roleId] });
    const { id: theirs } = await team();
    const asWang = { actor: wang, teams: [], grants: { "permissions.explain": "own" } };
    for (const recordId of [theirs, theirs.replace(/.{4}$/, "0000")]) {
      expect(await explain({ permission: "teams.read", recordId }, asWang)).toMatchObject({ missing: "REACH" });
    }
  });

  it("names one thing that the contract has", async () => {
    expect(await reasonOf(explain({}))).toBe("INVALID_REQUEST");
    expect(await reasonOf(explain({ permission: "leads.read", method: "crm.lead.v1.LeadService/GetLead" }))).toBe(
      "INVALID_REQUEST",
    );
    expect(await reasonOf(explain({ permission: "leads.fly" }))).toBe("UNKNOWN_PERMISSION");
    expect(await reasonOf(explain({ method: "crm.lead.v1.LeadService/Fly" }))).toBe("UNKNOWN_PERMISSION");
  });

  it("about a record whose service cannot be asked says so", async () => {
    const { id: actorId } = await user({ roleIds: [(await role("leads.read", "OWN")).id] });
    const recordId = actorId.replace("user_", "lead_");
    expect(await reasonOf(explain({ actorId, permission: "leads.read", recordId }))).toBe("UPSTREAM_UNAVAILABLE");
  });
});
