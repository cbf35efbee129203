import type { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import { SecuritySettingsServiceService } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import { User } from "@keynode/contracts/crm/identity/v1/user";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInRoleId } from "../../src/set-up/built-in-roles.ts";
import { refusal } from "../start.ts";
import { openBrowser } from "./browser.ts";
import { client, type CompanyProvider, startCompanyProvider } from "./company-provider.ts";
import { queryOf, redirectUri, type SignOnStack, startSignOnStack } from "./sign-on-stack.ts";

let stack: SignOnStack;
let company: CompanyProvider;

beforeAll(async () => {
  [stack, company] = await Promise.all([startSignOnStack(), startCompanyProvider(redirectUri)]);
});
afterAll(() => company.close());

const isCallback = (url: string): boolean => url.startsWith(redirectUri);
const provide = (more: Partial<IdentityProvider> = {}) =>
  stack.provide({
    issuer: company.issuer,
    clientId: client.id,
    clientSecret: client.secret,
    scopes: ["email", "profile", "groups"],
    ...more,
  });

/** Goes the whole way as somebody, up to the provider's sending the browser back. */
const signedInAs = async (subject: string, provider: IdentityProvider, returnTo = "/leads?mine=1") => {
  const begun = await stack.gateway.startSignOn({ identityProviderId: provider.id, returnTo });
  const callback = await openBrowser().go(begun.authorizationUrl, subject, isCallback);
  return { query: queryOf(callback), browserSecret: begun.browserSecret };
};
const complete = async (subject: string, provider: IdentityProvider) =>
  stack.gateway.completeSignOn(await signedInAs(subject, provider));
const enter = async (subject: string, provider: IdentityProvider) => {
  const { code } = await complete(subject, provider);
  return await stack.visitor.exchangeSignOnCode({ code });
};

let counter = 0;
/** Somebody new in the company. */
const hire = (groups: string[] = [], more: object = {}) => {
  const subject = `person-${counter++}`;
  const email = `${subject}@company.example`;
  company.people.set(subject, { name: "Wang Fang", email, email_verified: true, groups, ...more });
  return { subject, email };
};

describe("somebody whom the provider vouches for", () => {
  it("comes in through the provider's own pages, as a user made just in time", async () => {
    const { subject, email } = hire([], { given_name: "芳", family_name: "王", name: undefined, locale: "zh-CN" });
    const provider = await provide({ createsUsers: true });
    const { returnTo, code } = await complete(subject, provider);
    expect(returnTo).toBe("/leads?mine=1");
    const { user, accessToken } = await stack.visitor.exchangeSignOnCode({ code });
    expect(accessToken).not.toBe("");
    expect(user).toMatchObject({
      email,
      name: "王芳",
      givenName: "芳",
      familyName: "王",
      language: "zh",
      active: true,
    });
  });
  it("is the same user the next time, whatever their address is by then", async () => {
    const { subject } = hire();
    const provider = await provide({ createsUsers: true });
    const first = await enter(subject, provider);
    company.people.set(subject, { name: "Wang Fang", email: "married@company.example", email_verified: true });
    expect((await enter(subject, provider)).user?.id).toBe(first.user?.id);
  });
  it("is one user when they sign in twice at once", async () => {
    const { subject } = hire();
    const provider = await provide({ createsUsers: true });
    const arrivals = [await signedInAs(subject, provider), await signedInAs(subject, provider)];
    const codes = await Promise.all(arrivals.map((arrival) => stack.gateway.completeSignOn(arrival)));
    const entered = await Promise.all(codes.map(({ code }) => stack.visitor.exchangeSignOnCode({ code })));
    expect(new Set(entered.map(({ user }) => user?.id)).size).toBe(1);
  });
  it("stays out where the tenant makes no users", async () => {
    const { subject } = hire();
    expect(await refusal(complete(subject, await provide()))).toMatchObject({
      code: "PERMISSION_DENIED",
      reason: "SIGN_ON_NO_ACCOUNT",
    });
  });
});

describe("a user that was there before", () => {
  const existing = (email: string, more: Partial<User> = {}) =>
    stack.users.createUser({ user: User.fromPartial({ name: "王芳", email, ...more }) });

  it("is not met by e-mail address unless the tenant says so", async () => {
    const { subject, email } = hire();
    await existing(email);
    expect(await refusal(complete(subject, await provide({ createsUsers: true })))).toMatchObject({
      reason: "SIGN_ON_EMAIL_TAKEN",
    });
  });
  it("is met by a verified e-mail address where the tenant says so, and linked for good", async () => {
    const { subject, email } = hire();
    const { id } = await existing(email);
    expect((await enter(subject, await provide({ linksUsers: true }))).user?.id).toBe(id);
    expect((await enter(subject, await provide())).user?.id).toBe(id);
  });
  it.each([{ email_verified: false }, { email_verified: undefined }])(
    "is never met by an address that is not verified: %o",
    async (more) => {
      const { subject, email } = hire([], more);
      await existing(email);
      expect(await refusal(complete(subject, await provide({ linksUsers: true })))).toMatchObject({
        reason: "SIGN_ON_NO_ACCOUNT",
      });
    },
  );
  it("is met by the key that SCIM brought, whatever their address", async () => {
    const { subject } = hire();
    const { id } = await existing(`${subject}.other@company.example`, { externalKey: subject });
    expect((await enter(subject, await provide({ externalKeyClaim: "sub" }))).user?.id).toBe(id);
  });
});

describe("groups", () => {
  const role = (name: "sales" | "manager") => builtInRoleId(stack.admin.tenant, name);
  const mapped = () =>
    provide({
      createsUsers: true,
      groupMappings: [
        { group: "sales", roleIds: [role("sales")], teamIds: [] },
        { group: "leads", roleIds: [role("manager")], teamIds: [] },
      ],
    });

  it("give roles, and take them back at the next sign-in without them", async () => {
    const provider = await mapped();
    const { subject } = hire(["sales", "leads", "choir"]);
    expect((await enter(subject, provider)).user?.roleIds).toEqual([role("sales"), role("manager")]);
    company.people.set(subject, { ...company.people.get(subject), groups: ["sales"] });
    expect((await enter(subject, provider)).user?.roleIds).toEqual([role("sales")]);
  });
  it("give less when the mapping does, and leave what people gave", async () => {
    const provider = await mapped();
    const { subject } = hire(["leads"]);
    const { user } = await enter(subject, provider);
    await stack.users.updateUser({
      user: User.fromPartial({ id: user?.id ?? "", roleIds: [role("manager"), role("sales")] }),
      updateMask: ["role_ids"],
    });
    await stack.providers.updateIdentityProvider({
      identityProvider: { ...provider, etag: "", groupMappings: [] },
      updateMask: ["group_mappings"],
    });
    expect((await enter(subject, provider)).user?.roleIds).toEqual([role("sales")]);
  });
});

describe("a user who was barred", () => {
  const entered = async () => {
    const provider = await provide({ createsUsers: true, linksUsers: true });
    const { subject } = hire();
    const { user } = await enter(subject, provider);
    return { provider, subject, id: user?.id ?? "" };
  };

  it("does not come in when deactivated, also with a code from before", async () => {
    const { provider, subject, id } = await entered();
    const { code } = await complete(subject, provider);
    await stack.users.deactivateUser({ id, etag: "" });
    expect(await refusal(stack.visitor.exchangeSignOnCode({ code }))).toMatchObject({ reason: "SIGN_IN_FAILED" });
    expect(await refusal(complete(subject, provider))).toMatchObject({ reason: "SIGN_ON_BARRED" });
  });
  it("does not come back as somebody new when deleted", async () => {
    const { provider, subject, id } = await entered();
    await stack.users.deleteUser({ id, etag: "" });
    expect(await refusal(complete(subject, provider))).toMatchObject({ reason: "SIGN_ON_BARRED" });
  });
});

describe("the domains that a tenant names", () => {
  it("keep others out, also those who came in before", async () => {
    const provider = await provide({ createsUsers: true, emailDomains: ["company.example"] });
    const { subject, email } = hire();
    await enter(subject, provider);
    for (const [address, verified] of [
      [email.replace("company", "elsewhere"), true],
      [email, false],
    ] as const) {
      company.people.set(subject, { name: "Wang Fang", email: address, email_verified: verified });
      expect(await refusal(complete(subject, provider))).toMatchObject({ reason: "SIGN_ON_EMAIL_REFUSED" });
    }
  });
});

describe("a provider that people may not sign in with", () => {
  it("is as good as none", async () => {
    const disabled = await provide({ enabled: false });
    const deleted = await provide();
    await stack.providers.deleteIdentityProvider({ id: deleted.id, etag: "" });
    for (const { id } of [disabled, deleted]) {
      const begun = stack.gateway.startSignOn({ identityProviderId: id, returnTo: "" });
      expect(await refusal(begun)).toMatchObject({ code: "NOT_FOUND" });
    }
  });
  it("lets nobody in who began before it was disabled", async () => {
    const provider = await provide({ createsUsers: true });
    const arrival = await signedInAs(hire().subject, provider);
    await stack.providers.updateIdentityProvider({
      identityProvider: { ...provider, etag: "", enabled: false },
      updateMask: ["enabled"],
    });
    expect(await refusal(stack.gateway.completeSignOn(arrival))).toMatchObject({ code: "NOT_FOUND" });
  });
});

describe("a tenant that lets nobody sign in with providers", () => {
  const allow = (...allowedProviders: SecuritySettings["allowedProviders"]) =>
    stack.under.client(SecuritySettingsServiceService, stack.admin).updateSecuritySettings({
      securitySettings: SecuritySettings.fromPartial({ allowedProviders }),
      updateMask: ["allowed_providers"],
    });

  it("has none that begins, completes or hands out a session", async () => {
    const provider = await provide({ createsUsers: true });
    const arrival = await signedInAs(hire().subject, provider);
    const { code } = await complete(hire().subject, provider);
    await allow("PASSWORD");
    const begun = stack.gateway.startSignOn({ identityProviderId: provider.id, returnTo: "" });
    expect(await refusal(begun)).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(stack.gateway.completeSignOn(arrival))).toMatchObject({ code: "NOT_FOUND" });
    expect(await refusal(stack.visitor.exchangeSignOnCode({ code }))).toMatchObject({ reason: "SIGN_IN_FAILED" });
    await allow("PASSWORD", "OIDC");
    expect((await enter(hire().subject, provider)).accessToken).not.toBe("");
  });
});
