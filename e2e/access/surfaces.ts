import type { Row } from "./rows.ts";

/** Why nobody sees or does by a surface what they may not: the test that proves it, or what leaves nothing to prove. */
export type Standing = { readonly proof: `${string}.test.ts › ${string}` } | { readonly because: string };

const matrix = (title: string): Standing => ({ proof: `e2e/access-matrix.e2e.test.ts › ${title}` });
const identity = (file: string, title: string): Standing => ({
  proof: `services/identity/test/${file}.test.ts › ${title}`,
});

const timeline = matrix("the timeline is its reader's: the account is seen or not, and of its records those that are");
const report = matrix("a report counts what its reader sees");
const deadLetters = matrix("a dead letter of another tenant does not exist");
const trail = identity("audit/trail.contract", "ends at the tenant's wall");
const directory = identity("scim/scim-users.contract", "of another tenant finds nothing");
const groups = identity("scim/scim-groups.contract", "of another tenant finds nothing");
const settings = identity("security-settings.contract", "are out of sight for whoever does not see all of the tenant");
const copies: Standing = { because: "tells of a service's copies how far they are, and nothing that is in them" };
const scimItself: Standing = { because: "tells what SCIM is here, alike to everybody" };
const builtIn: Standing = { because: "shows what the platform brings, alike to every tenant" };

/**
 * Every surface that is derived, composed, or takes something else than a record: what the matrix cannot try by its form
 * alone. Rpcs by their full name; what the gateway makes of several of them as it is served, `GET /v1/…`; tools of agents
 * that are no rpc's as `tool …`.
 */
export const surfaces: Readonly<Record<string, Standing>> = {
  "crm.account.v1.TimelineService/ListTimelineEntries": timeline,
  "crm.analytics.v1.ReportService/GetSalesReport": report,
  "crm.analytics.v1.ReportService/GetFunnelReport": report,
  "crm.chassis.v1.DeadLetterService/ListDeadLetters": deadLetters,
  "crm.chassis.v1.DeadLetterService/ReplayDeadLetter": deadLetters,
  "crm.chassis.v1.EventService/StreamEvents": {
    proof:
      "services/lead/test/events.contract.test.ts › shows each caller the records within reach of the right to read them, and nothing of other tenants",
  },
  "crm.chassis.v1.ProjectionService/ListProjections": copies,
  "crm.chassis.v1.ProjectionService/RebuildProjection": copies,
  "crm.identity.v1.ApiKeyService/CreateApiKey": identity(
    "api-key.contract",
    "is never more than its maker may do, also once the maker may do less",
  ),
  "crm.identity.v1.AuditEntryService/GetAuditEntry": trail,
  "crm.identity.v1.AuditEntryService/ListAuditEntries": trail,
  "crm.identity.v1.AuditEntryService/ExportAuditEntries": trail,
  "crm.identity.v1.AuditEntryService/VerifyAuditEntries": trail,
  "crm.identity.v1.AuthService/GetJsonWebKeySet": { because: "shows public keys" },
  "crm.identity.v1.AuthService/SignIn": identity("auth.contract", "is refused alike whatever is wrong"),
  "crm.identity.v1.AuthService/RefreshSession": identity(
    "session.contract",
    "with a token that was used before ends the session for everybody",
  ),
  "crm.identity.v1.AuthService/SignOut": identity("auth.contract", "ends when its user signs out, and no other does"),
  "crm.identity.v1.AuthService/RequestPasswordReset": identity(
    "link.contract",
    "is answered alike whether anybody has the address, and sends nothing to those who may not sign in",
  ),
  "crm.identity.v1.AuthService/ResetPassword": identity("link.contract", "by another user's token is refused"),
  "crm.identity.v1.AuthService/GetCurrentPrincipal": identity(
    "auth.contract",
    "learns who they are and what they may do",
  ),
  "crm.identity.v1.AuthService/ChangePassword": identity(
    "auth.contract",
    "needs the present one, and guesses are counted",
  ),
  "crm.identity.v1.FormService/ResolveForm": identity(
    "template/template.contract",
    "a form leaves out what its reader may not see, and lets nobody change what they may only read",
  ),
  "crm.identity.v1.MailboxService/ListMails": identity(
    "link.contract",
    "is the tenant's own, and only for those who see all of it",
  ),
  "crm.identity.v1.PermissionService/ExplainPermission": identity(
    "explain.contract",
    "about others needs a right that reaches them; about oneself none, and not whether others' records exist",
  ),
  "crm.identity.v1.ScimService/FindScimUsers": directory,
  "crm.identity.v1.ScimService/GetScimUser": directory,
  "crm.identity.v1.ScimService/AddScimUser": directory,
  "crm.identity.v1.ScimService/ReplaceScimUser": directory,
  "crm.identity.v1.ScimService/PatchScimUser": directory,
  "crm.identity.v1.ScimService/RemoveScimUser": directory,
  "crm.identity.v1.ScimService/FindScimGroups": groups,
  "crm.identity.v1.ScimService/GetScimGroup": groups,
  "crm.identity.v1.ScimService/AddScimGroup": groups,
  "crm.identity.v1.ScimService/ReplaceScimGroup": groups,
  "crm.identity.v1.ScimService/PatchScimGroup": groups,
  "crm.identity.v1.ScimService/RemoveScimGroup": groups,
  "crm.identity.v1.ScimService/GetScimServiceProviderConfig": scimItself,
  "crm.identity.v1.ScimService/FindScimResourceTypes": scimItself,
  "crm.identity.v1.ScimService/GetScimResourceType": scimItself,
  "crm.identity.v1.ScimService/FindScimSchemas": scimItself,
  "crm.identity.v1.ScimService/GetScimSchema": scimItself,
  "crm.identity.v1.SecuritySettingsService/GetSecuritySettings": settings,
  "crm.identity.v1.SecuritySettingsService/UpdateSecuritySettings": settings,
  "crm.identity.v1.SessionService/RevokeSessions": identity(
    "session.contract",
    "are ended one by one by the user, and nobody else's are",
  ),
  "crm.identity.v1.SignOnService/ExchangeSignOnCode": identity("sign-on/sign-on-attacks.int", "is good once"),
  "crm.identity.v1.TemplateService/ListTemplates": builtIn,
  "crm.identity.v1.TemplateService/GetTemplate": builtIn,
  "crm.identity.v1.TemplateService/PreviewTemplate": identity(
    "template/template.contract",
    "whoever may change only a part of the tenant applies no template",
  ),
  "crm.identity.v1.TemplateService/ApplyTemplate": identity(
    "template/template.contract",
    "whoever may change only a part of the tenant applies no template",
  ),
  "crm.identity.v1.UserService/GetOffboarding": matrix(
    "how far a user's off-boarding is, is told to who sees the user",
  ),
  "crm.lead.v1.LeadService/SubmitForm": {
    because: "answers the id of the lead that the form went to, and nothing of it",
  },

  "GET /v1/openapi.json": {
    proof:
      "e2e/tenant-document.e2e.test.ts › the document of the API is the caller's tenant's, as far as the caller's roles see its fields",
  },
  "GET /v1/accounts/{id}:profile": matrix(
    "the profile is its reader's: the account is seen or not, and of its records those that are",
  ),
  "GET /v1/auth/oidc/{provider}/start": identity(
    "sign-on/sign-on-attacks.int",
    "is the one that went: nobody signs in by an answer that is slipped to them",
  ),
  "GET /v1/auth/oidc/callback": identity(
    "sign-on/sign-on-attacks.int",
    "is the one that went: nobody signs in by an answer that is slipped to them",
  ),
  "tool get_account_profile": {
    proof: "services/gateway/test/mcp/resources.contract.test.ts › that the caller may not see are not there either",
  },
  "tool confirm": { proof: "services/gateway/test/mcp/two-steps.contract.test.ts › is its caller's alone" },
};

/**
 * Rpcs that the matrix does not try by their form and that have no entry above: what is only for other services is tried
 * as such, shares hang on records.
 */
export const unprovenRpcs = (rows: readonly Row[]): readonly string[] =>
  rows
    .filter(({ shape, rules }) => shape.kind === "other" && !rules.internal && rules.collectionField === "")
    .map(({ name }) => name)
    .filter((name) => surfaces[name] === undefined);

/** Surfaces that are served, named as above, and are neither one of the rpcs' routes and tools nor have an entry. */
export const unprovenSurfaces = (served: readonly string[], ofRpcs: readonly string[]): readonly string[] => {
  const tried = new Set(ofRpcs.map(plainly));
  return served.filter((name) => !tried.has(plainly(name)) && surfaces[name] === undefined);
};

/** A route whatever its variables are called: documents name them as JSON does. */
const plainly = (route: string): string => route.replaceAll(/\{[^}]+\}/g, "{}");

/** Entries of what there is no longer. */
export const staleSurfaces = (rows: readonly Row[], served: readonly string[]): readonly string[] => {
  const known = new Set([...rows.map(({ name }) => name), ...served]);
  return Object.keys(surfaces).filter((name) => !known.has(name));
};
