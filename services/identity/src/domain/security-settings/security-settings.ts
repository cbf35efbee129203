import type {
  SecuritySettings,
  SecuritySettings_Masking,
  SecuritySettings_PasswordPolicy,
} from "@keynode/contracts/crm/identity/v1/security_settings";
import type { SecuritySettingsEdited } from "@keynode/contracts/crm/identity/v1/security_settings_events";
import type { UpdateSecuritySettingsRequest } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import type { Duration } from "@keynode/contracts/google/protobuf/duration";
import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import { edited } from "@keynode/decider/crud";
import type { Decider, Tagged } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";

export type SecuritySettingsCommand = Tagged<{ UpdateSecuritySettings: UpdateSecuritySettingsRequest }>;

export type SecuritySettingsEvent = Tagged<{ SecuritySettingsEdited: SecuritySettingsEdited }>;

/** All that a decision about the settings may know besides its arguments. */
export type SecuritySettingsContext = {
  readonly now: Date;
  /** Places in the command's list of networks that hold none. */
  readonly invalidNetworks: readonly number[];
  /** The caller's address lies in none of the command's networks. */
  readonly excludesCaller: boolean;
  /** How the caller signed in; undefined for an API key. */
  readonly callerProvider: Session["provider"] | undefined;
  /** Places in the command's list of collections that name none of the contract. */
  readonly unknownCollections: readonly number[];
};

/** Settings in which everything is decided. */
export type CompleteSettings = SecuritySettings & {
  readonly passwordPolicy: SecuritySettings_PasswordPolicy;
  readonly sessionPolicy: { readonly idleLifetime: Duration; readonly absoluteLifetime: Duration };
  readonly masking: {
    readonly [Name in keyof SecuritySettings_Masking]-?: NonNullable<SecuritySettings_Masking[Name]>;
  };
};

/** What passwords are like where nobody has decided otherwise. */
export const platformPasswords = { minLength: 8, maxLength: 200 } as const;

/** What holds where nobody has decided otherwise. */
export const platformSettings: CompleteSettings = {
  id: "",
  ownerId: "",
  teamId: "",
  etag: "",
  passwordPolicy: platformPasswords,
  sessionPolicy: {
    idleLifetime: { seconds: 12n * 3_600n, nanos: 0 },
    absoluteLifetime: { seconds: 7n * 86_400n, nanos: 0 },
  },
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
};

/** The settings with the platform's choice for whatever a tenant left open, or has not decided since there is more to decide. */
export const completed = (settings: SecuritySettings): CompleteSettings => {
  const { passwordPolicy, sessionPolicy, masking } = settings;
  const platform = platformSettings;
  return {
    ...settings,
    passwordPolicy: {
      minLength: passwordPolicy?.minLength || platform.passwordPolicy.minLength,
      maxLength: passwordPolicy?.maxLength || platform.passwordPolicy.maxLength,
    },
    sessionPolicy: {
      idleLifetime: sessionPolicy?.idleLifetime ?? platform.sessionPolicy.idleLifetime,
      absoluteLifetime: sessionPolicy?.absoluteLifetime ?? platform.sessionPolicy.absoluteLifetime,
    },
    masking: {
      shownCollections: masking?.shownCollections ?? [],
      phoneRule: masking?.phoneRule ?? platform.masking.phoneRule,
      emailRule: masking?.emailRule ?? platform.masking.emailRule,
      nameRule: masking?.nameRule ?? platform.masking.nameRule,
      idNumberRule: masking?.idNumberRule ?? platform.masking.idNumberRule,
      addressRule: masking?.addressRule ?? platform.masking.addressRule,
    },
  };
};

/** Nobody shuts themselves out. Errors: those that UpdateSecuritySettings names. */
export const securitySettingsDecider: Decider<
  SecuritySettingsCommand,
  SecuritySettings,
  SecuritySettingsEvent,
  SecuritySettingsContext
> = {
  decide: ({ securitySettings: changes, updateMask = [] }, state = platformSettings, context) => {
    if (changes === undefined) return [];
    const after = completed(withChanges(state, changes, updateMask));
    return (
      (updateMask.includes("allowed_networks") ? refuseNetworks(context) : undefined) ??
      refuseProviders(after, context) ??
      refuseLifetimes(after) ??
      refuseCollections(context) ??
      edited("SecuritySettings", state, changes, updateMask, context)
    );
  },
  evolve: (state = platformSettings, { changes, changedFields }) =>
    completed(withChanges(state, changes ?? {}, changedFields ?? [])),
};

const refuseNetworks = ({ invalidNetworks, excludesCaller }: SecuritySettingsContext): DomainError | undefined => {
  if (invalidNetworks.length > 0) return refusedAt("NETWORK_INVALID", "allowed_networks", invalidNetworks);
  return excludesCaller ? refused("NETWORKS_EXCLUDE_CALLER", "allowed_networks") : undefined;
};

const refuseProviders = (
  { allowedProviders }: SecuritySettings,
  { callerProvider }: SecuritySettingsContext,
): DomainError | undefined =>
  callerProvider !== undefined && !allowedProviders.includes(callerProvider)
    ? refused("PROVIDERS_EXCLUDE_CALLER", "allowed_providers")
    : undefined;

const refuseLifetimes = ({ sessionPolicy }: CompleteSettings): DomainError | undefined => {
  const { idleLifetime, absoluteLifetime } = sessionPolicy;
  return idleLifetime.seconds > absoluteLifetime.seconds
    ? refused("LIFETIMES_CROSSED", "session_policy.idle_lifetime")
    : undefined;
};

const refuseCollections = ({ unknownCollections }: SecuritySettingsContext): DomainError | undefined =>
  unknownCollections.length > 0
    ? refusedAt("COLLECTION_UNKNOWN", "masking.shown_collections", unknownCollections)
    : undefined;

const refused = (reason: string, field: string): DomainError =>
  reject(reason, {}, [{ field: `security_settings.${field}`, reason }]);

const refusedAt = (reason: string, field: string, places: readonly number[]): DomainError =>
  reject(
    reason,
    {},
    places.map((place) => ({ field: `security_settings.${field}[${place}]`, reason })),
  );
