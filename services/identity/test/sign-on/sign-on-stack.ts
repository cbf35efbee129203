import { randomBytes } from "node:crypto";
import { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { IdentityProviderServiceService } from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import { SignOnServiceService } from "@keynode/contracts/crm/identity/v1/sign_on_service";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { startForTest } from "@keynode/runtime/testing";
import { identityService } from "../../src/service.ts";
import { tenantIdOf } from "../../src/tenant.ts";
import { installation, stranger } from "../start.ts";

export const publicUrl = "http://127.0.0.1:8080";
export const redirectUri = `${publicUrl}/v1/auth/oidc/callback`;

/** The identity service, set up for providers on this machine, as its gateway and as an administrator of its tenant. */
export const startSignOnStack = async () => {
  const under = await startForTest(identityService, {
    ...installation,
    PUBLIC_URL: publicUrl,
    SECRETS_KEYS: randomBytes(32).toString("base64url"),
    SIGN_ON_PRIVATE_NETWORK: "true",
  });
  const admin = stranger({ tenant: tenantIdOf(installation.SEED_TENANT) });
  const providers = under.client(IdentityProviderServiceService, admin);
  return {
    under,
    admin,
    providers,
    users: under.client(UserServiceService, admin),
    gateway: under.client(SignOnServiceService, { actor: "service:gateway", tenant: "*" }),
    visitor: under.client(SignOnServiceService),
    /** A provider that people may sign in with. */
    provide: (given: Partial<IdentityProvider>) =>
      providers.createIdentityProvider({
        identityProvider: IdentityProvider.fromPartial({ name: "Company", enabled: true, ...given }),
      }),
  };
};

export type SignOnStack = Awaited<ReturnType<typeof startSignOnStack>>;

/** The query that a provider sent the browser back with. */
export const queryOf = (callback: string): string => new URL(callback).search.slice(1);
