import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { IdentityProviderServiceService } from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import { SignOnServiceService } from "@keynode/contracts/crm/identity/v1/sign_on_service";
import { PermissionServiceService } from "@keynode/contracts/crm/identity/v1/permission_service";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import { SessionServiceService } from "@keynode/contracts/crm/identity/v1/session_service";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { accessTokenLifetimeS, clockSkewS } from "@keynode/auth/access-token";
import { onWake } from "@keynode/api/alarm";
import { implement } from "@keynode/grpc/implement";
import type { ServiceVariables } from "@keynode/runtime/service-config";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { apiKeyAggregate } from "./api-key.ts";
import { apiKeyApi } from "./api/api-key.ts";
import { authApi } from "./api/auth.ts";
import { contexts } from "./api/contexts.ts";
import { identityProviderApi } from "./api/identity-provider.ts";
import { permissionApi } from "./api/explain-permission.ts";
import { roleApi } from "./api/role.ts";
import { scimApi } from "./api/scim.ts";
import { sessionApi } from "./api/session.ts";
import { signOnApi } from "./api/sign-on.ts";
import { teamApi } from "./api/team.ts";
import { tenantApi } from "./api/tenant.ts";
import { userApi } from "./api/user.ts";
import { openAudit } from "./audit/audit.ts";
import { openCallers } from "./callers.ts";
import { identitySchema } from "./config.ts";
import { openAttempts } from "./credential/attempts.ts";
import { identityErrors } from "./domain/errors.ts";
import { identityProviderAggregate } from "./identity-provider.ts";
import type { KeyTimes } from "./domain/key-ring/key-ring.ts";
import { keyRingAggregate } from "./key-ring.ts";
import { policyAggregate } from "./policy.ts";
import { onRightsChanged } from "./reactors/on-rights-changed.ts";
import { onSessionOpened } from "./reactors/on-session-opened.ts";
import { onSessionsEnded } from "./reactors/on-sessions-ended.ts";
import { onUserOffboarded } from "./reactors/on-user-offboarded.ts";
import { roleAggregate } from "./role.ts";
import { sessionAggregate, sessionContext } from "./session.ts";
import { bootstrap } from "./set-up/bootstrap.ts";
import { renewBuiltInRoles } from "./set-up/renew-built-in-roles.ts";
import { openProviderClient } from "./sign-on/provider-client.ts";
import { openSteps } from "./sign-on/steps.ts";
import { signOnSettings } from "./sign-on/settings.ts";
import { defaultSessionPolicy } from "./session/session-policy.ts";
import type { Stores } from "./stores.ts";
import { teamAggregate } from "./team.ts";
import { tenantAggregate } from "./tenant.ts";
import { openServerSecret } from "./token/server-secret.ts";
import { keyRingContext, openTokenSigner } from "./token/signer.ts";
import { userAggregate } from "./user.ts";

/** Composition root: the only wiring. */
export const identityService: ServiceDefinition<ServiceVariables & typeof identitySchema.shape> = {
  name: "identity",
  errors: identityErrors,
  schema: identitySchema,
  build: (tools, config) => {
    const { db, now, log } = tools;
    const secret = openServerSecret(config.SECRETS_KEYS);
    const keyTimes: KeyTimes = {
      signMs: config.SIGNING_KEY_MS,
      tokenMs: (accessTokenLifetimeS + clockSkewS) * 1_000,
    };
    const stores: Stores = {
      tenants: tools.store(tenantAggregate),
      users: tools.store(userAggregate),
      teams: tools.store(teamAggregate),
      roles: tools.store(roleAggregate),
      apiKeys: tools.store(apiKeyAggregate),
      identityProviders: tools.store(identityProviderAggregate),
      sessions: tools.store(sessionAggregate),
      policies: tools.store(policyAggregate),
      keyRings: tools.store(keyRingAggregate(keyTimes)),
    };
    const settings = signOnSettings(config, secret);
    const steps = openSteps(db, now);
    const client = settings && openProviderClient(settings, now, log);
    const known = contexts(stores);
    const attempts = openAttempts(db, now);
    const callers = openCallers(stores, now);
    const audit = openAudit(tools, config, stores.tenants);
    const ringContext = keyRingContext(secret, keyTimes);
    const { sessions, users, keyRings } = stores;
    const tokens = openTokenSigner({ keyRings, context: ringContext, secret, issuer: config.TOKEN_ISSUER, now });
    const policyOf = async () => defaultSessionPolicy;
    const sessionParts = { sessions, users, secret, tokens, policyOf, now, log };
    return {
      implementations: [
        audit.implementation,
        implement(
          AuthServiceService,
          audit.recorded(authApi({ ...sessionParts, stores, contexts: known, callers, attempts })),
        ),
        implement(TenantServiceService, tenantApi(stores, known)),
        implement(UserServiceService, userApi(stores, known, tools)),
        implement(PermissionServiceService, permissionApi(callers, tools)),
        implement(TeamServiceService, teamApi(stores, known)),
        implement(RoleServiceService, roleApi(stores, known)),
        implement(ApiKeyServiceService, apiKeyApi(stores, known)),
        implement(IdentityProviderServiceService, identityProviderApi(stores, known, settings)),
        implement(SignOnServiceService, signOnApi({ ...sessionParts, stores, contexts: known, steps, client })),
        implement(ScimServiceService, scimApi(stores, known)),
        implement(SessionServiceService, sessionApi(stores, known)),
      ],
      reactors: [
        onRightsChanged(stores.policies, tools),
        onUserOffboarded(stores.apiKeys, known, tools),
        onSessionOpened(users, known, tools),
        onSessionsEnded(sessions, users, tools),
      ],
      alarms: [
        onWake(sessions, { type: "ExpireSession" }, sessionContext),
        onWake(keyRings, { type: "TurnKeyRing" }, ringContext),
        audit.alarm,
      ],
      workers: [audit.worker],
      prepare: async () => {
        await audit.prepare();
        await attempts.prepare();
        await tokens.prepare();
        await steps.begun.prepare();
        await steps.completed.prepare();
        await bootstrap(config, stores, known, now);
        await renewBuiltInRoles(stores.roles, known, now);
      },
    };
  },
};
