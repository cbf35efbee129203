import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { Team } from "@keynode/contracts/crm/identity/v1/team";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { startIdentity } from "./start.ts";

/** Letting somebody go raises the tenant's policy version, which refuses the tokens of before. */
const lasting = { policyVersion: 1_000 };

let under: ServiceUnderTest;
let users: GrpcClient<typeof UserServiceService>;
beforeAll(async () => {
  under = await startIdentity();
  users = under.client(UserServiceService, lasting);
});

let count = 0;
const make = async (given: Partial<User> = {}): Promise<User> => {
  count += 1;
  return await users.createUser({
    user: User.fromPartial({ name: `U${count}`, email: `u${count}@x.example`, ...given }),
  });
};
const offboard = (id: string, successorId: string) => users.offboardUser({ id, etag: "", successorId, teamId: "" });

describe("letting a user go", () => {
  it("bars them, revokes their keys, and hands over what identity keeps of theirs", async () => {
    const [li, zhao] = [await make(), await make()];
    const caller = { actor: li.id, teams: [], grants: { "*": "all" }, ...lasting } as const;
    const role = await under
      .client(RoleServiceService, lasting)
      .createRole({ role: Role.fromPartial({ name: "R", grants: [{ permission: "leads.read", scope: "OWN" }] }) });
    const keys = under.client(ApiKeyServiceService, caller);
    const { apiKey } = await keys.createApiKey({ apiKey: ApiKey.fromPartial({ name: "mine", roleIds: [role.id] }) });
    const team = await under.client(TeamServiceService, caller).createTeam({ team: Team.fromPartial({ name: "T" }) });
    expect(await offboard(li.id, zhao.id)).toMatchObject({ active: false, successorId: zhao.id });
    const key = () => under.client(ApiKeyServiceService, lasting).getApiKey({ id: apiKey?.id ?? "" });
    await expect.poll(async () => (await key()).revokeTime, { timeout: 5_000 }).toBeDefined();
    const owner = async () => (await under.client(TeamServiceService, lasting).getTeam({ id: team.id })).ownerId;
    await expect.poll(owner, { timeout: 5_000 }).toBe(zhao.id);
    const own = async () => {
      const { parts } = await users.getOffboarding({ id: li.id });
      return parts.find(({ service }) => service === "identity");
    };
    await expect.poll(own, { timeout: 5_000 }).toMatchObject({ state: "DONE", movedCount: 1, remainders: [] });
  });

  it("is one command that may be repeated", async () => {
    const [li, zhao] = [await make(), await make()];
    const { etag } = await offboard(li.id, zhao.id);
    expect((await offboard(li.id, zhao.id)).etag).toBe(etag);
  });

  it("tells of services that cannot be asked, and is not done without them", async () => {
    const [li, zhao] = [await make(), await make()];
    await offboard(li.id, zhao.id);
    const told = await users.getOffboarding({ id: li.id });
    expect(told).toMatchObject({ userId: li.id, successorId: zhao.id, done: false });
    expect(told.parts.map(({ service }) => service)).toEqual(expect.arrayContaining(["account", "identity", "lead"]));
    expect(told.parts.find(({ service }) => service === "lead")?.state).toBe("UNREACHABLE");
  });

  it("needs a successor who is active, another, and of the tenant", async () => {
    const [li, gone] = [await make(), await make()];
    await users.deactivateUser({ id: gone.id, etag: "" });
    const reasonOf = (call: Promise<unknown>) =>
      call.then(
        () => "accepted",
        (error: { details: { reason: string } }) => error.details.reason,
      );
    expect(await reasonOf(offboard(li.id, li.id))).toBe("SUCCESSOR_NOT_FOUND");
    expect(await reasonOf(offboard(li.id, gone.id))).toBe("SUCCESSOR_NOT_FOUND");
    expect(await reasonOf(offboard(li.id, under.admin.actor))).not.toBe("accepted");
    expect(await reasonOf(users.getOffboarding({ id: li.id }))).toBe("USER_NOT_OFFBOARDED");
  });
});
