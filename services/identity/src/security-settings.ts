import { defineAggregate } from "@keynode/aggregate/aggregate";
import type { Store } from "@keynode/aggregate/store";
import { derivedId } from "@keynode/aggregate/type-id";
import type { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import * as codecs from "@keynode/contracts/crm/identity/v1/security_settings_events";
import type { Session } from "@keynode/contracts/crm/identity/v1/session";
import {
  platformPasswords,
  platformSettings,
  type SecuritySettingsCommand,
  type SecuritySettingsContext,
  securitySettingsDecider,
  type SecuritySettingsEvent,
} from "./domain/security-settings/security-settings.ts";
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
};

export type SecurityOf = (tenant: string) => Promise<Security>;

/** Reads what holds for a tenant now; the platform's choices before anybody changed them. */
export const securityOf =
  (settings: SecuritySettingsStore): SecurityOf =>
  async (tenant) => {
    const found = await settings.get(tenant, securitySettingsIdOf(tenant), { kind: "all" });
    return inUse(found?.state ?? platformSettings);
  };

const inUse = (settings: SecuritySettings): Security => {
  const { passwordPolicy, sessionPolicy, allowedNetworks, allowedProviders, masking } = settings;
  return {
    passwords: passwordPolicy ?? platformPasswords,
    sessions: {
      idleMs: msOf(sessionPolicy?.idleLifetime?.seconds),
      absoluteMs: msOf(sessionPolicy?.absoluteLifetime?.seconds),
    },
    networks: allowedNetworks,
    providers: allowedProviders,
    shownCollections: masking?.shownCollections ?? [],
  };
};

const msOf = (seconds = 0n): number => Number(seconds) * 1_000;
