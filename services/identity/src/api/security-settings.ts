import { commandScope, shown } from "@keynode/api/command";
import { inputOf } from "@keynode/api/input";
import { masking } from "@keynode/api/read";
import { isNetwork, networksOf } from "@keynode/auth/networks";
import { registry, resourceRules } from "@keynode/contracts/descriptors";
import { SecuritySettings } from "@keynode/contracts/crm/identity/v1/security_settings";
import type { SecuritySettingsServiceService } from "@keynode/contracts/crm/identity/v1/security_settings_service";
import { isDomainError, reject } from "@keynode/decider/domain-error";
import type { Call } from "@keynode/grpc/call";
import type { Handlers } from "@keynode/grpc/implement";
import {
  completed,
  platformSettings,
  type SecuritySettingsContext,
} from "../domain/security-settings/security-settings.ts";
import { securitySettingsIdOf } from "../security-settings.ts";
import type { Stores } from "../stores.ts";

const shape = { typeName: "crm.identity.v1.SecuritySettings", fromPartial: SecuritySettings.fromPartial };

/** One entry per rpc of SecuritySettingsService. The settings are nobody's: only who sees all of the tenant sees them. */
export const securitySettingsApi = ({
  securitySettings: settings,
  sessions,
}: Pick<Stores, "securitySettings" | "sessions">): Handlers<typeof SecuritySettingsServiceService> => {
  const input = inputOf<SecuritySettings>(shape, "security_settings.");
  const masked = masking(shape);

  const providerOf = async ({ tenant, principal, actor }: Call) => {
    const { session } = principal;
    const found = session && (await sessions.get(tenant, session, { kind: "own", ownerId: actor }));
    return found ? found.state.provider : undefined;
  };

  return {
    getSecuritySettings: async ({ readMask }, { tenant, visibility, locale }) => {
      const show = masked(readMask, locale);
      if (isDomainError(show)) return show;
      const id = securitySettingsIdOf(tenant);
      if (visibility.kind !== "all") return reject("NOT_FOUND", { id });
      const found = await settings.get(tenant, id, visibility);
      return show(found === undefined ? { ...platformSettings, id } : completed(shown(found)));
    },
    updateSecuritySettings: async (
      { securitySettings: patch = SecuritySettings.fromPartial({}), updateMask },
      call,
    ) => {
      const paths = input.ofUpdate(patch, updateMask);
      if (isDomainError(paths)) return paths;
      const scope = commandScope(call, patch.etag);
      if (isDomainError(scope)) return scope;
      const id = securitySettingsIdOf(call.tenant);
      if (call.visibility.kind !== "all") return reject("NOT_FOUND", { id });
      const { allowedNetworks, masking: shownInFull } = patch;
      const facts: Omit<SecuritySettingsContext, "now"> = {
        invalidNetworks: placesOf(allowedNetworks, (text) => !isNetwork(text)),
        excludesCaller: !networksOf(allowedNetworks).has(call.clientAddress),
        callerProvider: await providerOf(call),
        unknownCollections: placesOf(shownInFull?.shownCollections ?? [], (name) => !collections().has(name)),
      };
      const outcome = await settings.execute(
        id,
        { type: "UpdateSecuritySettings", securitySettings: patch, updateMask: [...paths] },
        scope,
        ({ now }) => ({ now, ...facts }),
        "any",
      );
      return isDomainError(outcome) ? outcome : shown(outcome);
    },
  };
};

const placesOf = (texts: readonly string[], isWrong: (text: string) => boolean): number[] =>
  texts.flatMap((text, place) => (isWrong(text) ? [place] : []));

let known: ReadonlySet<string> | undefined;

/** The names of all collections that the contract has. */
const collections = (): ReadonlySet<string> =>
  (known ??= new Set(
    [...registry()].flatMap((described) =>
      described.kind === "message" ? (resourceRules(described)?.collection ?? []) : [],
    ),
  ));
