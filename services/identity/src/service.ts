import { ApiKeyServiceService } from "@keynode/contracts/crm/identity/v1/api_key_service";
import { AuthServiceService } from "@keynode/contracts/crm/identity/v1/auth_service";
import { CustomFieldServiceService } from "@keynode/contracts/crm/identity/v1/custom_field_service";
import { IdentityProviderServiceService } from "@keynode/contracts/crm/identity/v1/identity_provider_service";
import { MailboxServiceService } from "@keynode/contracts/crm/identity/v1/mailbox_service";
import { SignOnServiceService } from "@keynode/contracts/crm/identity/v1/sign_on_service";
import { PermissionServiceService } from "@keynode/contracts/crm/identity/v1/permission_service";
import { RoleServiceService } from "@keynode/contracts/crm/identity/v1/role_service";
import { ScimServiceService } from "@keynode/contracts/crm/identity/v1/scim_service";
import { SecuritySettingsServiceService } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import { SessionServiceService } from "@keynode/contracts/crm/identity/v1/session_service";
import { TeamServiceService } from "@keynode/contracts/crm/identity/v1/team_service";
import { TenantServiceService } from "@keynode/contracts/crm/identity/v1/tenant_service";
import { UserServiceService } from "@keynode/contracts/crm/identity/v1/user_service";
import { FormServiceService } from "@keynode/contracts/crm/identity/v1/form_service";
import { TemplateApplicationServiceService } from "@keynode/contracts/crm/identity/v1/template_application_service";
import { TemplateServiceService } from "@keynode/contracts/crm/identity/v1/template_service";
import { VocabularyServiceService } from "@keynode/contracts/crm/identity/v1/vocabulary_service";
import { accessTokenLifetimeS, clockSkewS } from "@keynode/auth/access-token";
import { onWake } from "@keynode/api/alarm";
import { implement } from "@keynode/grpc/implement";
import { readRecorder } from "@keynode/runtime/access-records";
import type { ServiceVariables } from "@keynode/runtime/service-config";
import type { ServiceDefinition } from "@keynode/runtime/service-definition";
import { openTurns } from "@keynode/runtime/turns";
import { apiKeyAggregate } from "./api-key.ts";
import { apiKeyApi } from "./api/api-key.ts";
import { type AuthParts, authApi } from "./api/auth.ts";
import { contexts } from "./api/contexts.ts";
import { formApi } from "./api/form.ts";
import { customFieldApi } from "./api/custom-field.ts";
import { identityProviderApi } from "./api/identity-provider.ts";
import { permissionApi } from "./api/explain-permission.ts";
import { mailboxApi } from "./api/mailbox.ts";
import { roleApi } from "./api/role.ts";
import { scimApi } from "./api/scim.ts";
import { securitySettingsApi } from "./api/security-settings.ts";
import { sessionApi } from "./api/session.ts";
import { signOnApi } from "./api/sign-on.ts";
import { teamApi } from "./api/team.ts";
import { templateApplicationApi } from "./api/template-application.ts";
import { templateApi } from "./api/template.ts";
import { tenantApi } from "./api/tenant.ts";
import { userApi } from "./api/user.ts";
import { vocabularyApi } from "./api/vocabulary.ts";
import { openAudit } from "./audit/audit.ts";
import { openCallers } from "./callers.ts";
import { identitySchema } from "./config.ts";
import { openAttempts } from "./credential/attempts.ts";
import { customFieldAggregate } from "./custom-field.ts";
import { identityErrors } from "./domain/errors.ts";
import { formAggregate } from "./form.ts";
import { identityProviderAggregate } from "./identity-provider.ts";
import type { KeyTimes } from "./domain/key-ring/key-ring.ts";
import { keyRingAggregate } from "./key-ring.ts";
import { openMailbox } from "./mail/mailbox.ts";
import { openPost } from "./mail/post.ts";
import { policyAggregate } from "./policy.ts";
import { onRightsChanged } from "./reactors/on-rights-changed.ts";
import { onLinkIssued } from "./reactors/on-link-issued.ts";
import { onSessionOpened } from "./reactors/on-session-opened.ts";
import { onSessionsEnded } from "./reactors/on-sessions-ended.ts";
import { onTemplateApplied } from "./reactors/on-template-applied.ts";
import { onTemplateRecordMade } from "./reactors/on-template-record-made.ts";
import { onUserOffboarded } from "./reactors/on-user-offboarded.ts";
import { concludeConversions, recordValues } from "./record-values.ts";
import { roleAggregate } from "./role.ts";
import { sessionAggregate, sessionContext } from "./session.ts";
import { bootstrap } from "./set-up/bootstrap.ts";
import { renewBuiltInRoles } from "./set-up/renew-built-in-roles.ts";
import { scimSight } from "./scim/scim-sight.ts";
import { openProviderClient } from "./sign-on/provider-client.ts";
import { openSteps } from "./sign-on/steps.ts";
import { signOnSettings } from "./sign-on/settings.ts";
import { securityOf, securitySettingsAggregate } from "./security-settings.ts";
import type { Stores } from "./stores.ts";
import { teamAggregate } from "./team.ts";
import { madeElsewhere } from "./template/facts.ts";
import { templateApplicationAggregate } from "./template-application.ts";
import { tenantAggregate } from "./tenant.ts";
import { openServerSecret } from "./token/server-secret.ts";
import { keyRingContext, openTokenSigner } from "./token/signer.ts";
import { userAggregate } from "./user.ts";
import { vocabularyAggregate } from "./vocabulary.ts";

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
      securitySettings: tools.store(securitySettingsAggregate),
      sessions: tools.store(sessionAggregate),
      policies: tools.store(policyAggregate),
      keyRings: tools.store(keyRingAggregate(keyTimes)),
      customFields: tools.store(customFieldAggregate),
      vocabularies: tools.store(vocabularyAggregate),
      forms: tools.store(formAggregate),
      templateApplications: tools.store(templateApplicationAggregate),
    };
    const settings = signOnSettings(config, secret);
    const steps = openSteps(db, now);
    const known = contexts(stores);
    const attempts = openAttempts(db, secret, now);
    const security = securityOf(stores.securitySettings);
    const maskRulesIn = async (tenant: string) => (await security(tenant)).maskRules;
    const client = settings && openProviderClient(settings, maskRulesIn, now, log);
    const callers = openCallers(stores, security, now);
    const audit = openAudit(tools, config, stores.tenants);
    const mailbox = openMailbox(db);
    const { SMTP_URL: url, SMTP_PLAIN: mayBePlain, MAIL_FROM: from, PUBLIC_URL: publicUrl } = config;
    const post = url === undefined ? undefined : openPost({ url, from, mayBePlain });
    const linkPost = { post, mailbox, secret, publicUrl };
    const ringContext = keyRingContext(secret, keyTimes);
    const { sessions, users, keyRings } = stores;
    const tokens = openTokenSigner({ keyRings, context: ringContext, secret, issuer: config.TOKEN_ISSUER, now });
    const authParts: AuthParts = {
      stores,
      contexts: known,
      callers,
      attempts,
      sessions,
      users,
      secret,
      tokens,
      now,
      log,
      securityOf: security,
      maySend: publicUrl !== undefined,
    };
    return {
      implementations: [
        audit.implementation,
        implement(AuthServiceService, audit.recorded(authApi(authParts))),
        implement(TenantServiceService, tenantApi(stores, known)),
        implement(UserServiceService, userApi(authParts, tools)),
        implement(PermissionServiceService, permissionApi(callers, tools)),
        implement(TeamServiceService, teamApi(stores, known, openTurns(db, "team", now))),
        implement(RoleServiceService, roleApi(stores, known)),
        implement(ApiKeyServiceService, apiKeyApi(stores, known)),
        implement(IdentityProviderServiceService, identityProviderApi(stores, known, settings)),
        implement(SignOnServiceService, signOnApi({ ...authParts, steps, client })),
        implement(ScimServiceService, scimApi(stores, known, scimSight(readRecorder(tools.accesses)))),
        implement(SessionServiceService, sessionApi(stores, known)),
        implement(SecuritySettingsServiceService, securitySettingsApi(stores)),
        implement(
          CustomFieldServiceService,
          customFieldApi(stores, known, recordValues(tools), openTurns(db, "customField", now)),
        ),
        implement(MailboxServiceService, mailboxApi(stores, linkPost)),
        implement(VocabularyServiceService, vocabularyApi(stores.vocabularies, openTurns(db, "vocabulary", now))),
        implement(FormServiceService, formApi(stores)),
        implement(TemplateServiceService, templateApi(stores, tools.projection(madeElsewhere))),
        implement(TemplateApplicationServiceService, templateApplicationApi(stores.templateApplications)),
      ],
      reactors: [
        onRightsChanged(stores.policies, tools),
        onUserOffboarded(stores.apiKeys, known, tools),
        onTemplateApplied(stores, known, tools),
        onTemplateRecordMade(stores.templateApplications, tools),
        onSessionOpened(users, known, tools),
        onSessionsEnded(sessions, users, tools),
        onLinkIssued(stores, linkPost, tools),
      ],
      alarms: [
        onWake(sessions, { type: "ExpireSession" }, sessionContext),
        onWake(keyRings, { type: "TurnKeyRing" }, ringContext),
        concludeConversions(stores.customFields, known, tools),
        audit.alarm,
      ],
      workers: [audit.worker],
      prepare: async () => {
        await audit.prepare();
        await attempts.prepare();
        await mailbox.prepare();
        await tokens.prepare();
        await steps.begun.prepare();
        await steps.completed.prepare();
        await bootstrap(config, stores, known, now);
        await renewBuiltInRoles(stores.roles, known, now);
      },
    };
  },
};
