import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import * as codecs from "@keynode/contracts/crm/identity/v1/security_settings_events";
import type { MaskRules } from "@keynode/auth/mask-rules";
import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import {
  type CompleteSettings,
  completed,
  platformSettings,
  type SecuritySettingsCommand,
  type SecuritySettingsContext,
  securitySettingsDecider,
  type SecuritySettingsEvent,
} from "./domain/security-settings/security-settings.ts";
import { maskRulesOf } from "./mask-rules-of.ts";
import type { PasswordPolicy } from "./domain/user/password-weakness.ts";
import type { SessionPolicy } from "./session/session-policy.ts";

export const securitySettingsAggregate = defineAggregate<
  SecuritySettings,
  SecuritySettingsCommand,
  SecuritySettingsEvent,
  SecuritySettingsContext
>({
  name: "securitysettings",
  collection: "securitySettings",
  decider: securitySettingsDecider,
  events: codecs,
});

export type SecuritySettingsStore = Store<
  SecuritySettings,
  SecuritySettingsCommand,
  SecuritySettingsEvent,
  SecuritySettingsContext
>;

/** A tenant has one. */
export const securitySettingsIdOf = (tenant: string): string => derivedId("securitysettings", tenant);

/** What a tenant has decided, as the service uses it. */
export type Security = {
  readonly passwords: PasswordPolicy;
  readonly sessions: SessionPolicy;
  readonly networks: readonly string[];
  readonly providers: readonly Session["provider"][];
  readonly shownCollections: readonly string[];
  /** Where they are not the platform's. */
  readonly maskRules: MaskRules;
};

export type SecurityOf = (tenant: string) => Promise<Security>;

/** Reads what holds for a tenant now; the platform's choices before anybody changed them. */
export const securityOf =
  (settings: SecuritySettingsStore): SecurityOf =>
  async (tenant) => {
    const found = await settings.get(tenant, securitySettingsIdOf(tenant), { kind: "all" });
    return inUse(found === undefined ? platformSettings : completed(found.state));
  };

const inUse = (settings: CompleteSettings): Security => {
  const { passwordPolicy, sessionPolicy, allowedNetworks, allowedProviders, masking } = settings;
  return {
    passwords: passwordPolicy,
    sessions: {
      idleMs: msOf(sessionPolicy.idleLifetime.seconds),
      absoluteMs: msOf(sessionPolicy.absoluteLifetime.seconds),
    },
    networks: allowedNetworks,
    providers: allowedProviders,
    shownCollections: masking.shownCollections,
    maskRules: maskRulesOf(masking),
  };
};

const msOf = (seconds: bigint): number => Number(seconds) * 1_000;
