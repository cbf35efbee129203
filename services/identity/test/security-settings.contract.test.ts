import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { Role } from "@keynode/contracts/crm/identity/v1/role";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import { SecuritySettingsServiceService } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import type { GrpcClient } from "@keynode/grpc/client";
import type { ServiceUnderTest } from "@keynode/runtime/testing";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { platformSettings } from "../src/domain/security-settings/security-settings.ts";
import type { SessionState } from "../src/domain/session/session.ts";
import { policyIdOf } from "../src/policy.ts";
import { tenantIdOf } from "../src/tenant.ts";
import { callerOf, installation, refusal, resolve, startIdentity, stranger } from "./start.ts";

const password = "lantern orchard 7";
const tenant = tenantIdOf(installation.SEED_TENANT);
const admin = stranger({ tenant });

let under: ServiceUnderTest;
let settings: GrpcClient<typeof SecuritySettingsServiceService>;
let users: GrpcClient<typeof UserServiceService>;
let auth: GrpcClient<typeof AuthServiceService>;

beforeAll(async () => {
  under = await startIdentity();
  settings = under.client(SecuritySettingsServiceService, admin);
  users = under.client(UserServiceService, admin);
  auth = under.client(AuthServiceService);
});
const allFields = ["password_policy", "session_policy", "allowed_networks", "allowed_providers", "masking"];
afterEach(async () => {
  await settings.updateSecuritySettings({
    securitySettings: SecuritySettings.fromPartial(platformSettings),
    updateMask: allFields,
  });
});

const update = (changes: Partial<SecuritySettings>, ...updateMask: string[]) =>
  settings.updateSecuritySettings({ securitySettings: SecuritySettings.fromPartial(changes), updateMask });
let counter = 0;
const person = async (): Promise<User> => {
  const email = `settings.${counter++}@demo.example`;
  const user = await users.createUser({ user: User.fromPartial({ name: "王芳", email }) });
  return await users.setUserPassword({ id: user.id, etag: "", password });
};
const signIn = (user: User) => auth.signIn({ tenant, email: user.email, password });

describe("security settings", () => {
  it("hold the platform's choices before anybody changes them, and then what was changed", async () => {
    const other = under.client(SecuritySettingsServiceService, stranger());
    expect(await other.getSecuritySettings({})).toMatchObject({
      passwordPolicy: { minLength: 8, maxLength: 200 },
      allowedNetworks: [],
      allowedProviders: ["PASSWORD", "OIDC"],
      masking: {
        shownCollections: [],
        phoneRule: { keepCountryCode: true, keepFirst: 3, keepLast: 4 },
        emailRule: { keepFirst: 1, keepDomain: true },
        nameRule: { keepFirst: 1 },
        idNumberRule: { keepFirst: 0, keepLast: 4 },
        addressRule: { keepFirst: 0 },
      },
    });
    await update({ passwordPolicy: { minLength: 12, maxLength: 64 } }, "password_policy");
    const changed = await settings.getSecuritySettings({});
    expect(changed).toMatchObject({ passwordPolicy: { minLength: 12, maxLength: 64 }, allowedNetworks: [] });
    const stale = settings.updateSecuritySettings({
      securitySettings: SecuritySettings.fromPartial({ etag: "1", allowedNetworks: [] }),
      updateMask: ["allowed_networks"],
    });
    if (changed.etag !== "1") expect(await refusal(stale)).toMatchObject({ reason: "ETAG_MISMATCH" });
  });
  it("change by single values of them, whatever else a request does not say", async () => {
    await update({ passwordPolicy: { minLength: 12, maxLength: 0 } }, "password_policy.min_length");
    await update({ sessionPolicy: { idleLifetime: { seconds: 3_600n, nanos: 0 } } }, "session_policy.idle_lifetime");
    await update(
      { masking: { shownCollections: [], emailRule: { keepFirst: 9, keepDomain: false } } },
      "masking.email_rule.keep_domain",
    );
    expect(await settings.getSecuritySettings({})).toMatchObject({
      passwordPolicy: { minLength: 12, maxLength: 200 },
      sessionPolicy: { idleLifetime: { seconds: 3_600n }, absoluteLifetime: { seconds: 604_800n } },
      masking: { emailRule: { keepFirst: 1, keepDomain: false }, phoneRule: { keepFirst: 3 } },
    });
    const tooShort = update({ passwordPolicy: { minLength: 7, maxLength: 0 } }, "password_policy.min_length");
    expect(await refusal(tooShort)).toMatchObject({ fields: ["security_settings.password_policy.min_length"] });
    const unknown = update({}, "password_policy.min_size", "password_policy.min_length.more", "shape");
    expect(await refusal(unknown)).toMatchObject({
      reason: "INVALID_FIELD_MASK",
      fields: ["password_policy.min_size", "password_policy.min_length.more", "shape"],
    });
  });
  it("that are cleared are the platform's again", async () => {
    await update({ passwordPolicy: { minLength: 20, maxLength: 64 } }, "password_policy");
    await update(
      { masking: { shownCollections: ["leads"], phoneRule: { keepCountryCode: false, keepFirst: 0, keepLast: 0 } } },
      "masking",
    );
    await update({}, "password_policy", "session_policy", "masking.phone_rule");
    expect(await settings.getSecuritySettings({})).toMatchObject({
      ...platformSettings,
      id: expect.any(String),
      etag: expect.any(String),
      masking: { ...platformSettings.masking, shownCollections: ["leads"] },
    });
  });
  it("are out of sight for whoever does not see all of the tenant", async () => {
    const narrow = under.client(
      SecuritySettingsServiceService,
      stranger({ tenant, grants: { "securitySettings.*": "team" } }),
    );
    expect(await refusal(narrow.getSecuritySettings({}))).toMatchObject({ code: "NOT_FOUND" });
    const change = narrow.updateSecuritySettings({
      securitySettings: SecuritySettings.fromPartial({ allowedProviders: ["OIDC"] }),
      updateMask: ["allowed_providers"],
    });
    expect(await refusal(change)).toMatchObject({ code: "NOT_FOUND" });
  });
  it("raise the policy version, so that they are in force everywhere within seconds", async () => {
    const version = async () => {
      await under.service.drained();
      await under.service.caughtUp();
      const policies = under.db.collection<{ _id: string; state: { policyVersion: number } }>("policies");
      return (await policies.findOne({ _id: policyIdOf(tenant) }))?.state.policyVersion ?? 0;
    };
    const before = await version();
    await update({ masking: { shownCollections: ["leads"] } }, "masking");
    expect(await version()).toBe(before + 1);
  });
  it("refuse what is out of bounds, naming each field", async () => {
    const lifetimes = (idle: number, absolute: number) => ({
      idleLifetime: { seconds: BigInt(idle), nanos: 0 },
      absoluteLifetime: { seconds: BigInt(absolute), nanos: 0 },
    });
    expect(await refusal(update({ passwordPolicy: { minLength: 7, maxLength: 63 } }, "password_policy"))).toMatchObject(
      {
        fields: ["security_settings.password_policy.min_length", "security_settings.password_policy.max_length"],
      },
    );
    expect(await refusal(update({ sessionPolicy: lifetimes(7_200, 3_600) }, "session_policy"))).toMatchObject({
      reason: "LIFETIMES_CROSSED",
      fields: ["security_settings.session_policy.idle_lifetime"],
    });
    expect(
      await refusal(update({ allowedNetworks: ["10.0.0.0/8", "nonsense", "1.2.3.4/40"] }, "allowed_networks")),
    ).toMatchObject({
      reason: "NETWORK_INVALID",
      fields: ["security_settings.allowed_networks[1]", "security_settings.allowed_networks[2]"],
    });
    expect(await refusal(update({ masking: { shownCollections: ["leads", "nothings"] } }, "masking"))).toMatchObject({
      reason: "COLLECTION_UNKNOWN",
      fields: ["security_settings.masking.shown_collections[1]"],
    });
    const rules = {
      shownCollections: [],
      phoneRule: { keepCountryCode: true, keepFirst: 4, keepLast: 5 },
      emailRule: { keepFirst: -1, keepDomain: true },
      nameRule: { keepFirst: 2 },
      idNumberRule: { keepFirst: 4, keepLast: 5 },
      addressRule: { keepFirst: 7 },
    };
    expect(await refusal(update({ masking: rules }, "masking"))).toMatchObject({
      fields: [
        "security_settings.masking.phone_rule.keep_first",
        "security_settings.masking.phone_rule.keep_last",
        "security_settings.masking.email_rule.keep_first",
        "security_settings.masking.name_rule.keep_first",
        "security_settings.masking.id_number_rule.keep_first",
        "security_settings.masking.id_number_rule.keep_last",
        "security_settings.masking.address_rule.keep_first",
      ],
    });
    expect(await refusal(update({ allowedProviders: [] }, "allowed_providers"))).toMatchObject({
      fields: ["security_settings.allowed_providers"],
    });
  });
});

describe("a password", () => {
  it("has as many characters as the tenant demands", async () => {
    const { id } = await person();
    await update({ passwordPolicy: { minLength: 20, maxLength: 64 } }, "password_policy");
    expect(await refusal(users.setUserPassword({ id, etag: "", password }))).toMatchObject({
      reason: "PASSWORD_LENGTH",
      metadata: { minLength: "20", maxLength: "64" },
      fields: ["password"],
    });
    await users.setUserPassword({ id, etag: "", password: `${password} and on it goes` });
  });
});

describe("a session", () => {
  it("that was opened before ends as soon as the tenant says that sessions are shorter", async () => {
    const { accessToken, refreshToken, sessionId } = await signIn(await person());
    const sessions = under.db.collection<{ _id: string; state: SessionState }>("sessions");
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await sessions.updateOne({ _id: sessionId }, { $set: { "state.createTime": anHourAgo } });
    await resolve(under, accessToken);
    const short = { seconds: 1_800n, nanos: 0 };
    await update(
      { sessionPolicy: { idleLifetime: short, absoluteLifetime: { seconds: 7_200n, nanos: 0 } } },
      "session_policy",
    );
    expect(await refusal(resolve(under, accessToken))).toMatchObject({ reason: "UNAUTHENTICATED" });
    expect(await refusal(auth.refreshSession({ refreshToken }))).toMatchObject({ reason: "REFRESH_FAILED" });
  });
  it("by a password is none where passwords are not allowed, and a sign-in fails as any does", async () => {
    const user = await person();
    const { accessToken } = await signIn(user);
    await update({ allowedProviders: ["OIDC"] }, "allowed_providers");
    expect(await refusal(resolve(under, accessToken))).toMatchObject({ reason: "UNAUTHENTICATED" });
    expect(await refusal(signIn(user))).toMatchObject({ reason: "SIGN_IN_FAILED" });
  });
});

describe("nobody shuts themselves out", () => {
  const from = (clientAddress: string) => ({ clientAddress });
  const networks = (...allowedNetworks: string[]) => ({
    securitySettings: SecuritySettings.fromPartial({ allowedNetworks }),
    updateMask: ["allowed_networks"],
  });
  it("of the networks that callers may come from", async () => {
    const request = networks("203.0.113.0/24", "2001:db8::/32");
    for (const address of ["198.51.100.7", "2001:db9::7"]) {
      expect(await refusal(settings.updateSecuritySettings(request, from(address)))).toMatchObject({
        reason: "NETWORKS_EXCLUDE_CALLER",
      });
    }
    expect(await refusal(settings.updateSecuritySettings(request))).toMatchObject({
      reason: "NETWORKS_EXCLUDE_CALLER",
    });
    for (const address of ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7"]) {
      await settings.updateSecuritySettings(request, from(address));
    }
    const { accessToken } = await signIn(await person());
    expect((await resolve(under, accessToken)).allowedNetworks).toEqual(["203.0.113.0/24", "2001:db8::/32"]);
  });
  it("of the way they signed in", async () => {
    const { accessToken } = await signIn(await person());
    const me = under.client(SecuritySettingsServiceService, {
      ...callerOf(await resolve(under, accessToken)),
      grants: { "*": "all" },
      policyVersion: 1e6,
    });
    const change = me.updateSecuritySettings({
      securitySettings: SecuritySettings.fromPartial({ allowedProviders: ["OIDC"] }),
      updateMask: ["allowed_providers"],
    });
    expect(await refusal(change)).toMatchObject({ reason: "PROVIDERS_EXCLUDE_CALLER" });
  });
});

describe("collections that a tenant shows in full", () => {
  it("are so to whoever may read their records, as far as that reaches", async () => {
    const grants: Role["grants"] = [
      { permission: "leads.read", scope: "TEAM" },
      { permission: "accounts.read", scope: "OWN" },
    ];
    const { id } = await under
      .client(RoleServiceService, admin)
      .createRole({ role: Role.fromPartial({ name: "R", grants }) });
    const user = await person();
    await users.updateUser({ user: User.fromPartial({ id: user.id, roleIds: [id] }), updateMask: ["role_ids"] });
    const { accessToken } = await signIn(user);
    const held = async () =>
      Object.fromEntries(
        (await resolve(under, accessToken)).grants.map(({ permission, scope }) => [permission, scope]),
      );
    expect(await held()).not.toHaveProperty("leads.readSensitive");
    await update({ masking: { shownCollections: ["leads", "contacts"] } }, "masking");
    const rights = await held();
    expect(rights).toMatchObject({ "leads.readSensitive": "TEAM" });
    expect(rights).not.toHaveProperty("accounts.readSensitive");
    expect(rights).not.toHaveProperty("contacts.readSensitive");
  });
});

describe("rules on masking", () => {
  it("travel with whoever calls as far as they are not the platform's", async () => {
    const { accessToken } = await signIn(await person());
    expect((await resolve(under, accessToken)).maskRules).toEqual([]);
    const phoneRule = { keepCountryCode: true, keepFirst: 0, keepLast: 4 };
    await update({ masking: { shownCollections: [], phoneRule, addressRule: { keepFirst: 6 } } }, "masking");
    expect((await resolve(under, accessToken)).maskRules).toEqual([
      { kind: "PHONE", keepFirst: 0, keepLast: 4, keepPlace: true },
      { kind: "ADDRESS", keepFirst: 6, keepLast: 0, keepPlace: false },
    ]);
  });
});
