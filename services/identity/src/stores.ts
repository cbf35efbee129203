import type { ApiKeyStore } from "./api-key.ts";
import type { CustomFieldStore } from "./custom-field.ts";
import type { FormStore } from "./form.ts";
import type { IdentityProviderStore } from "./identity-provider.ts";
import type { KeyRingStore } from "./key-ring.ts";
import type { PolicyStore } from "./policy.ts";
import type { RoleStore } from "./role.ts";
import type { SecuritySettingsStore } from "./security-settings.ts";
import type { SessionStore } from "./session.ts";
import type { TeamStore } from "./team.ts";
import type { TemplateApplicationStore } from "./template-application.ts";
import type { TenantStore } from "./tenant.ts";
import type { UserStore } from "./user.ts";
import type { VocabularyStore } from "./vocabulary.ts";

/** Everything that this service owns. */
export type Stores = {
  readonly tenants: TenantStore;
  readonly users: UserStore;
  readonly teams: TeamStore;
  readonly roles: RoleStore;
  readonly apiKeys: ApiKeyStore;
  readonly identityProviders: IdentityProviderStore;
  readonly securitySettings: SecuritySettingsStore;
  readonly sessions: SessionStore;
  readonly policies: PolicyStore;
  readonly keyRings: KeyRingStore;
  readonly customFields: CustomFieldStore;
  readonly vocabularies: VocabularyStore;
  readonly forms: FormStore;
  readonly templateApplications: TemplateApplicationStore;
};
