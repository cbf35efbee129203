import { randomBytes } from "node:crypto";
import { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import {
  IdentityProviderServiceService,
  ListIdentityProvidersRequest,
} from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import type { GrpcClient } from "@keynode/grpc/client";
import { startForTest, type ServiceUnderTest } from "@keynode/runtime/testing";
import { BSON } from "mongodb";
import { beforeAll, describe, expect, it } from "vitest";
import { identityService } from "../src/service.ts";
import { installation, refusal, required, stranger } from "./start.ts";

let under: ServiceUnderTest;
let providers: GrpcClient<typeof IdentityProviderServiceService>;

beforeAll(async () => {
  under = await startForTest(identityService, {
    ...installation,
    PUBLIC_URL: "https://crm.example",
    SECRETS_KEYS: randomBytes(32).toString("base64url"),
  });
  providers = under.client(IdentityProviderServiceService);
});

const clientSecret = "a secret that nobody shows";
const given = (more: Partial<IdentityProvider> = {}) =>
  IdentityProvider.fromPartial({ name: "Company", issuer: "https://login.example", clientId: "crm", ...more });
const make = (more: Partial<IdentityProvider> = {}, client = providers) =>
  client.createIdentityProvider({ identityProvider: given(more) });

/** Every byte that the service stores. */
const stored = async () => {
  const texts = await Promise.all(
    (await under.db.collections()).map(async (collection) =>
      (await collection.find().toArray()).map((document) => Buffer.from(BSON.serialize(document)).toString("latin1")),
    ),
  );
  return texts.flat().join("\n");
};

describe("a provider's client secret", () => {
  it("is in no answer, no event and no stored byte", async () => {
    const made = await make({ clientSecret });
    expect(made).toMatchObject({ clientSecret: "", secretKept: true });
    expect(await providers.getIdentityProvider({ id: made.id })).toMatchObject({ clientSecret: "", secretKept: true });
    const listed = await providers.listIdentityProviders(ListIdentityProvidersRequest.fromPartial({}));
    expect(JSON.stringify(listed)).not.toContain(clientSecret);
    expect(await under.recorded(made.id)).toHaveLength(1);
    expect(await stored()).not.toContain(clientSecret);
    expect(await stored()).toContain("sealedSecret");
  });
  it("is replaced by an update without a mask, as any field is", async () => {
    const { id } = await make();
    const updated = await providers.updateIdentityProvider({
      identityProvider: IdentityProvider.fromPartial({ id, clientSecret }),
    });
    expect(updated).toMatchObject({ secretKept: true, name: "Company" });
  });
  it("makes a repeat with another one the same call", async () => {
    const create = (secret: string) =>
      providers.createIdentityProvider(
        { identityProvider: given({ clientSecret: secret }) },
        { idempotencyKey: "same" },
      );
    expect((await create("one")).id).toBe((await create("two")).id);
  });
});

describe("a provider", () => {
  it("is another tenant's not to see", async () => {
    const { id } = await make();
    const others = under.client(IdentityProviderServiceService, stranger());
    expect(await refusal(others.getIdentityProvider({ id }))).toMatchObject({ code: "NOT_FOUND" });
  });
  it("has an issuer with TLS", async () => {
    expect(await refusal(make({ issuer: "http://login.example" }))).toMatchObject({
      reason: "ISSUER_REFUSED",
      fields: ["identity_provider.issuer"],
    });
  });
  it("links users only when an administrator sets it up so", async () => {
    const operator = under.client(
      IdentityProviderServiceService,
      stranger({ tenant: under.tenant, grants: { "identityProviders.*": "all" } }),
    );
    expect(await refusal(make({ linksUsers: true }, operator))).toMatchObject({ reason: "ROLE_EXCEEDS_CALLER" });
    expect((await make({ linksUsers: true })).linksUsers).toBe(true);
  });
  it("is named wrong in every place at once", async () => {
    const wrong = make({ issuer: "login.example", emailDomains: ["Example.com", "no domain"], scopes: ["a b"] });
    expect((await refusal(wrong)).fields.toSorted()).toEqual([
      "identity_provider.email_domains[0]",
      "identity_provider.email_domains[1]",
      "identity_provider.issuer",
      "identity_provider.scopes[0]",
    ]);
  });
});

describe("an installation without a public address", () => {
  let bare: ServiceUnderTest;
  beforeAll(async () => {
    const { PUBLIC_URL: _, ...without } = required;
    bare = await startForTest(identityService, { ...installation, ...without });
  });
  it("takes no providers", async () => {
    const client = bare.client(IdentityProviderServiceService);
    expect(await refusal(make({}, client))).toMatchObject({ reason: "SIGN_ON_UNCONFIGURED" });
  });
});
