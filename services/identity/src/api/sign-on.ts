import { randomBytes } from "node:crypto";
import { shown } from "@keynode/api/command";
import type { SignOnServiceService } from "@keynode/contracts/crm/identity/v1/sign_on_service";
import { type DomainError, isDomainError, reject } from "@keynode/decider/domain-error";
import { sameSecret } from "@keynode/decider/same-secret";
import type { Handlers } from "@keynode/grpc/implement";
import { digestOf } from "../credential/credential.ts";
import { openSession, type SessionParts } from "../session/open-session.ts";
import { platformScope } from "../set-up/set-up-tenant.ts";
import { rightsOfGroups } from "../sign-on/group-rights.ts";
import { knownUser } from "../sign-on/known-user.ts";
import type { ProviderClient, TenantProvider } from "../sign-on/provider-client.ts";
import { returnPathOf } from "../sign-on/return-path.ts";
import { proofsOf, type Steps } from "../sign-on/steps.ts";
import type { Stores } from "../stores.ts";
import type { Contexts } from "./contexts.ts";

/** What signing in with a provider needs. */
export type SignOnParts = SessionParts & {
  readonly stores: Pick<Stores, "identityProviders" | "users">;
  readonly contexts: Pick<Contexts, "user">;
  readonly steps: Steps;
  /** Undefined where the installation is not set up for identity providers. */
  readonly client: ProviderClient | undefined;
};

const everything = { kind: "all" } as const;

/** One entry per rpc of SignOnService. */
export const signOnApi = (parts: SignOnParts): Handlers<typeof SignOnServiceService> => {
  const { stores, contexts, steps, client } = parts;
  const { identityProviders, users } = stores;
  const openFor = openSession(parts);
  const userOf = knownUser(users, contexts.user);

  /** Whether the tenant's security settings let people sign in with providers at all. */
  const isAllowed = async (tenant: string): Promise<boolean> =>
    (await parts.securityOf(tenant)).providers.includes("OIDC");

  /** A provider that people may sign in with; its tenant follows from it, since nobody has signed in yet. */
  const open = async (id: string): Promise<TenantProvider | DomainError> => {
    const found = await identityProviders.collection.findOne({ _id: id });
    const isOpen = found !== null && found.state.enabled && found.state.deleteTime === undefined;
    if (!isOpen || !(await isAllowed(found.tenant))) return reject("NOT_FOUND", { id });
    return { tenant: found.tenant, state: found.state };
  };

  return {
    startSignOn: async ({ identityProviderId, returnTo: asked }, { signal }) => {
      if (client === undefined) return reject("SIGN_ON_UNCONFIGURED");
      const returnTo = returnPathOf(asked);
      if (isDomainError(returnTo)) return returnTo;
      const provider = await open(identityProviderId);
      if (isDomainError(provider)) return provider;
      const browserSecret = randomBytes(32).toString("base64url");
      const browserDigest = digestOf(browserSecret);
      const state = await steps.begun.issue(provider.tenant, { identityProviderId, browserDigest, returnTo });
      const authorizationUrl = await client.authorizationUrl(provider, proofsOf(state, browserSecret), signal);
      return isDomainError(authorizationUrl) ? authorizationUrl : { authorizationUrl, state, browserSecret };
    },

    completeSignOn: async ({ query, browserSecret }, { deadline, signal }) => {
      if (client === undefined) return reject("SIGN_ON_UNCONFIGURED");
      const [state, ...others] = new URLSearchParams(query).getAll("state");
      if (state === undefined || others.length > 0) return reject("SIGN_ON_EXPIRED");
      const begun = await steps.begun.redeem(state);
      if (begun === undefined || !sameSecret(begun.browserDigest, digestOf(browserSecret))) {
        return reject("SIGN_ON_EXPIRED");
      }
      const provider = await open(begun.identityProviderId);
      if (isDomainError(provider)) return provider;
      const vouched = await client.vouched(provider, query, proofsOf(state, browserSecret), signal);
      if (isDomainError(vouched)) return vouched;
      if (vouched.groups === undefined) return reject("SIGN_ON_GROUPS_UNKNOWN");

      const { tenant, state: settings } = provider;
      const scope = platformScope({ tenant, actor: "service:identity", visibility: everything, deadline }, tenant);
      const userId = await userOf(settings, vouched, scope);
      if (isDomainError(userId)) return userId;
      const rights = rightsOfGroups(settings.groupMappings, new Set(vouched.groups));
      const provisioned = await users.execute(
        userId,
        { type: "ProvisionUser", source: settings.id, ...rights },
        scope,
        contexts.user,
      );
      if (isDomainError(provisioned)) return provisioned;
      // What SCIM's groups give follows the same mappings, which may have changed since the user joined them.
      const regrouped = await users.execute(
        userId,
        { type: "ChangeTeams", joined: [], left: [] },
        scope,
        contexts.user,
      );
      if (isDomainError(regrouped)) return regrouped;
      const code = await steps.completed.issue(tenant, { userId });
      return { returnTo: begun.returnTo, code };
    },

    exchangeSignOnCode: async ({ code }, call) => {
      const completed = await steps.completed.redeem(code);
      if (completed === undefined) return reject("SIGN_ON_EXPIRED");
      const user = await users.collection.findOne({ _id: completed.userId, tenant: completed.tenant });
      const isBarred = user === null || !user.state.active || user.state.deleteTime !== undefined;
      if (isBarred || !(await isAllowed(completed.tenant))) return reject("SIGN_IN_FAILED");
      const tokens = await openFor({ user, provider: "OIDC", call });
      return isDomainError(tokens) ? tokens : { ...tokens, user: shown(user) };
    },
  };
};
