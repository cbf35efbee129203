import { ApiKey } from "@keynode/contracts/crm/identity/v1/api_key";
import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { asGateway, callerOf, installation, refusal, resolve, startIdentity } from "./start.ts";

const password = "lantern orchard 7";

let under: ServiceUnderTest;
let gateway: GrpcClient<typeof AuthServiceService>;
let auth: GrpcClient<typeof AuthServiceService>;
let users: GrpcClient<typeof UserServiceService>;
let roles: GrpcClient<typeof RoleServiceService>;
let apiKeys: GrpcClient<typeof ApiKeyServiceService>;

beforeAll(async () => {
  under = await startIdentity();
  gateway = asGateway(under);
  auth = under.client(AuthServiceService);
  const admin = {
    ...callerOf(await gateway.authenticate({ credential: installation.SEED_API_KEY })),
    policyVersion: 1e6,
  };
  users = under.client(UserServiceService, admin);
  roles = under.client(RoleServiceService, admin);
  apiKeys = under.client(ApiKeyServiceService, admin);
});

let counter = 0;
const email = () => `person.${counter++}@demo.example`;
const person = async (more: Partial<User> = {}) => {
  const user = await users.createUser({ user: User.fromPartial({ name: "王芳", email: email(), ...more }) });
  return await users.setUserPassword({ id: user.id, etag: "", password });
};
const signIn = (address: string, more: { password?: string; tenant?: string; key?: string } = {}) =>
  auth.signIn(
    { tenant: more.tenant ?? "demo", email: address, password: more.password ?? password },
    more.key === undefined ? {} : { idempotencyKey: more.key },
  );
/** Whose a credential is, whichever kind it is of. */
const authenticate = (credential: string) =>
  credential.startsWith("kn_") ? gateway.authenticate({ credential }) : resolve(under, credential);
const isOut = async (credential: string) => (await refusal(authenticate(credential))).code === "UNAUTHENTICATED";

describe("an installation's credentials", () => {
  it("let its API key and its administrator in with all rights", async () => {
    const key = await authenticate(installation.SEED_API_KEY);
    const { accessToken, user } = await signIn("Admin@Demo.example", { password: installation.SEED_ADMIN_PASSWORD });
    const administrator = await authenticate(accessToken);
    expect(administrator).toMatchObject({ tenant: key.tenant, actor: user?.id });
    for (const { grants } of [key, administrator]) expect(grants).toContainEqual({ permission: "*", scope: "ALL" });
  });
});

describe("a credential", () => {
  it.each(["nonsense", `kn_${"a".repeat(50)}`, `knr_${"0".repeat(26)}_${"a".repeat(66)}`])(
    "that is no API key is refused: %s",
    async (credential) => {
      expect(await refusal(gateway.authenticate({ credential }))).toMatchObject({ reason: "UNAUTHENTICATED" });
    },
  );
  it("with another secret behind the same name is refused", async () => {
    expect(await isOut(`${installation.SEED_API_KEY.slice(0, -1)}A`)).toBe(true);
  });
  it("is looked at for services only", async () => {
    const asked = auth.authenticate({ credential: installation.SEED_API_KEY });
    expect(await refusal(asked)).toMatchObject({ reason: "INTERNAL_METHOD" });
  });
});

describe("a caller", () => {
  it("has the rights of all their roles, each as far as the farthest, and may always look after themselves", async () => {
    const make = async (...grants: Role["grants"]) =>
      (await roles.createRole({ role: Role.fromPartial({ name: "R", grants }) })).id;
    const roleIds = [
      await make({ permission: "leads.*", scope: "TEAM" }, { permission: "cases.read", scope: "OWN" }),
      await make({ permission: "leads.delete", scope: "OWN" }, { permission: "cases.read", scope: "ALL" }),
    ];
    const { accessToken } = await signIn((await person({ roleIds })).email);
    const { grants, roles: held } = await authenticate(accessToken);
    expect(held.toSorted()).toEqual(roleIds.toSorted());
    expect(Object.fromEntries(grants.map(({ permission, scope }) => [permission, scope]))).toEqual({
      "leads.*": "TEAM",
      "leads.delete": "TEAM",
      "cases.read": "ALL",
      "me.read": "OWN",
      "me.signOut": "OWN",
      "me.changePassword": "OWN",
      "permissions.explain": "OWN",
      "sessions.read": "OWN",
      "sessions.revoke": "OWN",
    });
  });
  it("gets nothing from a role that was deleted", async () => {
    const grants: Role["grants"] = [{ permission: "leads.read", scope: "ALL" }];
    const role = await roles.createRole({ role: Role.fromPartial({ name: "R", grants }) });
    const { accessToken } = await signIn((await person({ roleIds: [role.id] })).email);
    await roles.deleteRole({ id: role.id, etag: "" });
    const principal = await authenticate(accessToken);
    expect(principal.roles).toEqual([]);
    expect(principal.grants.map(({ permission }) => permission)).not.toContain("leads.read");
  });
  it("that is an API key may not change a password", async () => {
    const role = await roles.createRole({ role: Role.fromPartial({ name: "R" }) });
    const { secret } = await apiKeys.createApiKey({
      apiKey: ApiKey.fromPartial({ name: "website", roleIds: [role.id] }),
    });
    const { grants } = await authenticate(secret);
    expect(grants.map(({ permission }) => permission)).toEqual(["me.read", "me.signOut", "permissions.explain"]);
    const installed = callerOf(await authenticate(installation.SEED_API_KEY));
    const change = under
      .client(AuthServiceService, installed)
      .changePassword({ currentPassword: "none", newPassword: password });
    expect(await refusal(change)).toMatchObject({ code: "FAILED_PRECONDITION", reason: "NOT_A_USER" });
  });
  it("learns who they are and what they may do", async () => {
    const user = await person({ language: "zh" });
    const { accessToken } = await signIn(user.email);
    await under.service.drained();
    await under.service.caughtUp();
    const principal = await authenticate(accessToken);
    const me = await under.client(AuthServiceService, callerOf(principal)).getCurrentPrincipal({});
    expect(me.principal).toEqual(principal);
    expect(principal.language).toBe("zh");
    expect(me).toMatchObject({ user: { id: user.id, email: user.email }, tenant: { key: "demo" } });
  });
});

describe("a sign-in", () => {
  it("answers a token that lets the user in until it ends", async () => {
    const user = await person();
    const { accessToken, expireTime, expiresIn, refreshExpireTime, sessionId } = await signIn(user.email.toUpperCase());
    const principal = await authenticate(accessToken);
    expect(principal).toMatchObject({ actor: user.id, sessionId, expireTime: refreshExpireTime });
    expect(expiresIn).toBe(600);
    expect(expireTime?.getTime()).toBe((decodeJwt(accessToken).exp ?? 0) * 1_000);
    const lastSignIn = async () => (await users.getUser({ id: user.id })).lastSignInTime;
    await expect.poll(lastSignIn, { timeout: 10_000 }).toBeDefined();
    expect(await signIn(user.email, { tenant: principal.tenant })).toMatchObject({ user: { id: user.id } });
  });
  it("is refused alike whatever is wrong", async () => {
    const user = await person();
    const barred = await person();
    await users.deactivateUser({ id: barred.id, etag: "" });
    const deleted = await person();
    await users.deleteUser({ id: deleted.id, etag: "" });
    const withoutPassword = await users.createUser({ user: User.fromPartial({ name: "W", email: email() }) });
    const refusals = await Promise.all([
      refusal(signIn(user.email, { password: "something else" })),
      refusal(signIn(user.email, { tenant: "elsewhere" })),
      refusal(signIn("nobody@demo.example")),
      refusal(signIn(barred.email)),
      refusal(signIn(deleted.email)),
      refusal(signIn(withoutPassword.email)),
    ]);
    for (const refused of refusals) {
      expect(refused).toEqual({ code: "UNAUTHENTICATED", reason: "SIGN_IN_FAILED", metadata: {}, fields: [] });
    }
  });
  it("finds nothing after five failures in a row, all at once or not, with the right password too, and for nobody's address alike", async () => {
    const { email: address } = await person();
    const counted = async (email: string) => {
      const outcomes = await Promise.all(
        Array.from({ length: 9 }, (_, guess) => refusal(signIn(email, { password: `guess ${guess}` }))),
      );
      return [...outcomes, await refusal(signIn(email))];
    };
    const [somebodys, nobodys] = [await counted(address), await counted("nobody.else@demo.example")];
    expect(somebodys).toEqual(nobodys);
    expect(new Set(somebodys.map(({ reason }) => reason))).toEqual(new Set(["SIGN_IN_FAILED"]));
  });
  it("is possible again once somebody who may unlocks the account, or sets another password", async () => {
    const user = await person();
    const fail = () =>
      Promise.all(Array.from({ length: 6 }, () => refusal(signIn(user.email, { password: "something else" }))));
    await fail();
    expect(await refusal(signIn(user.email))).toMatchObject({ reason: "SIGN_IN_FAILED" });
    await users.unlockUser({ id: user.id, etag: "" });
    await signIn(user.email);
    await fail();
    await users.setUserPassword({ id: user.id, etag: "", password: "another orchard 8" });
    await signIn(user.email, { password: "another orchard 8" });
  });
  it("that succeeds forgets the failures before it", async () => {
    const { email: address } = await person();
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(Array.from({ length: 4 }, () => refusal(signIn(address, { password: "wrong" }))));
      await signIn(address);
    }
  });
  it("repeated under one key shows no second token, only the session that the first one opened", async () => {
    const { email: address } = await person();
    const { accessToken } = await signIn(address, { key: "sign-in-1" });
    const { sessionId } = await authenticate(accessToken);
    expect(await refusal(signIn(address, { key: "sign-in-1" }))).toMatchObject({
      code: "ALREADY_EXISTS",
      metadata: { id: sessionId },
    });
    expect(await refusal(signIn(address, { key: "sign-in-1", password: "wrong" }))).toMatchObject({
      reason: "SIGN_IN_FAILED",
    });
  });
});

describe("a session", () => {
  it("ends when its user signs out, and no other does", async () => {
    const { email: address } = await person();
    const [one, other] = [await signIn(address), await signIn(address)];
    const me = under.client(AuthServiceService, callerOf(await authenticate(one.accessToken)));
    await me.signOut({});
    expect(await isOut(one.accessToken)).toBe(true);
    await authenticate(other.accessToken);
  });
  it.each([
    ["a new password", (id: string) => users.setUserPassword({ id, etag: "", password: "another orchard 8" })],
    ["the end of access", (id: string) => users.deactivateUser({ id, etag: "" })],
    ["deletion", (id: string) => users.deleteUser({ id, etag: "" })],
  ])("ends by %s", async (_cause, end) => {
    const user = await person();
    const { accessToken } = await signIn(user.email);
    await end(user.id);
    expect(await isOut(accessToken)).toBe(true);
  });
});

describe("a password that users change themselves", () => {
  const signedIn = async (address: string) => {
    const { accessToken } = await signIn(address);
    return {
      accessToken,
      me: under.client(AuthServiceService, { ...callerOf(await authenticate(accessToken)), policyVersion: 1e6 }),
    };
  };
  it("ends their other sessions and leaves the one they ask from", async () => {
    const { email: address } = await person();
    const { me, accessToken } = await signedIn(address);
    const { accessToken: other } = await signIn(address);
    const change = { currentPassword: password, newPassword: "another orchard 8" };
    await me.changePassword(change, { idempotencyKey: "change-1" });
    expect(await isOut(other)).toBe(true);
    await authenticate(accessToken);
    await signIn(address, { password: change.newPassword });
    expect(await me.changePassword(change, { idempotencyKey: "change-1" })).toEqual({});
  });
  it("needs the present one, and guesses are counted", async () => {
    const { email: address } = await person();
    const { me } = await signedIn(address);
    const guess = () => refusal(me.changePassword({ currentPassword: "guess", newPassword: "another orchard 8" }));
    expect(await guess()).toMatchObject({ reason: "PASSWORD_WRONG", fields: ["current_password"] });
    await Promise.all(Array.from({ length: 5 }, guess));
    const right = me.changePassword({ currentPassword: password, newPassword: "another orchard 8" });
    expect(await refusal(right)).toMatchObject({ reason: "PASSWORD_WRONG" });
  });
  it("is refused when it is weak", async () => {
    const { me } = await signedIn((await person()).email);
    const weak = me.changePassword({ currentPassword: password, newPassword: "password1" });
    expect(await refusal(weak)).toMatchObject({ reason: "PASSWORD_TOO_WEAK", fields: ["new_password"] });
  });
});
