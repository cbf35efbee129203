import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserEdited, UserSessionsEnded, UserSignedIn } from "@keynode/contracts/crm/identity/v1/user_events";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { type ServiceUnderTest, startForTest } from "@keynode/runtime/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { policyIdOf } from "../src/policy.ts";
import { identityService } from "../src/service.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { callerOf, installation, refusal, required, resolve, startIdentity, stranger } from "./start.ts";

let under: ServiceUnderTest;
beforeAll(async () => {
  under = await startForTest(identityService, required);
});

const version = async (tenant: string): Promise<number> => {
  const policy = await under.db
    .collection<{ _id: string; state: { policyVersion: number } }>("policies")
    .findOne({ _id: policyIdOf(tenant) });
  return policy?.state.policyVersion ?? 0;
};
const settled = async () => {
  await under.service.drained();
  await under.service.caughtUp();
};
const clients = () => {
  const admin = stranger();
  return {
    tenant: admin.tenant,
    users: under.client(UserServiceService, admin),
    roles: under.client(RoleServiceService, admin),
  };
};
const named = (name: string, changes: Partial<User> = {}) =>
  User.fromPartial({ name, email: `${name}@demo.example`, ...changes });

describe("a tenant's policy version (law 8)", () => {
  it("rises with every change that may take a right away, and with no other", async () => {
    const { tenant, users, roles } = clients();
    const { id: roleId } = await roles.createRole({ role: Role.fromPartial({ name: "R" }) });
    const { id } = await users.createUser({ user: named("li") });
    const update = (changes: Partial<User>, mask: string) =>
      users.updateUser({ user: User.fromPartial({ id, ...changes }), updateMask: [mask] });
    await update({ name: "Li Wei" }, "name");
    await settled();
    expect(await version(tenant)).toBe(0);

    const grants: Role["grants"] = [{ permission: "leads.read", scope: "ALL" }];
    const changes: (() => Promise<unknown>)[] = [
      () => update({ roleIds: [roleId] }, "role_ids"),
      () => roles.updateRole({ role: Role.fromPartial({ id: roleId, grants }), updateMask: ["grants"] }),
      () => roles.deleteRole({ id: roleId, etag: "" }),
      () => roles.undeleteRole({ id: roleId, etag: "" }),
      () => users.setUserPassword({ id, etag: "", password: "lantern orchard 7" }),
      () => users.deactivateUser({ id, etag: "" }),
      () => users.deleteUser({ id, etag: "" }),
    ];
    for (const [index, change] of changes.entries()) {
      await change();
      await settled();
      expect(await version(tenant), String(change)).toBe(index + 1);
    }
  });
  it("rises once for an event, however often and in whatever order it comes", async () => {
    const { tenant } = clients();
    const about = { context: "identity", tenant, kind: "user" };
    const edited = under.event({
      ...about,
      type: "UserEdited",
      codec: UserEdited,
      message: { changedFields: ["team_ids"] },
    });
    const signedOut = under.event({
      ...about,
      type: "UserSessionsEnded",
      codec: UserSessionsEnded,
      message: { keptSessionId: "session_1", endedBy: "user_1" },
    });
    const signedIn = under.event({
      ...about,
      type: "UserSignedIn",
      codec: UserSignedIn,
      message: { sessionId: "session_1" },
    });
    await under.publish(signedOut, edited, signedIn, signedOut);
    await under.publish(edited, signedOut, edited);
    expect(await version(tenant)).toBe(2);
    const raised = (await under.db.collection("journal").find({ tenant, type: "PolicyRaised" }).toArray()).length;
    expect(raised).toBe(2);
  });
});

describe("an internal token", () => {
  let installed: ServiceUnderTest;
  beforeAll(async () => {
    installed = await startIdentity();
  });

  it("older than the last change of rights is refused, and one minted anew is not", async () => {
    const signIn = await installed.client(AuthServiceService).signIn({
      tenant: "demo",
      email: installation.SEED_ADMIN_EMAIL,
      password: installation.SEED_ADMIN_PASSWORD,
    });
    const { accessToken } = signIn;
    const caller = callerOf(await resolve(installed, accessToken));
    const before = installed.client(RoleServiceService, caller);
    const admin = installed.client(UserServiceService, stranger({ tenant: tenantIdOf("demo"), actor: caller.actor }));
    const { id } = await admin.createUser({ user: named("zhao") });
    await admin.deactivateUser({ id, etag: "" });
    const call = () => before.listRoles({ filter: "", orderBy: "", pageSize: 1, pageToken: "", showDeleted: false });
    await expect
      .poll(
        async () =>
          call().then(
            () => "accepted",
            () => "refused",
          ),
        { timeout: 10_000 },
      )
      .toBe("refused");
    expect(await refusal(call())).toMatchObject({ reason: "UNAUTHENTICATED" });
    const anew = installed.client(RoleServiceService, callerOf(await resolve(installed, accessToken)));
    await anew.listRoles({ filter: "", orderBy: "", pageSize: 1, pageToken: "", showDeleted: false });
  });
});
