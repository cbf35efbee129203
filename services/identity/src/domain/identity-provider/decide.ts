import type { IdentityProvider } from "@keynode/contracts/crm/identity/v1/identity_provider";
import { deleted, edited, restored } from "@keynode/decider/crud";
import { decideBy, onRecord } from "@keynode/decider/decider";
import { type DomainError, reject } from "@keynode/decider/domain-error";
import { withChanges } from "@keynode/decider/record";
import { refuseRoles, refuseSuperior, refuseTeams } from "../references.ts";
import type {
  IdentityProviderCommand,
  IdentityProviderContext,
  IdentityProviderEvent,
  IdentityProviderState,
} from "./identity-provider.ts";

/** The secret is no fact that edits compare: it is replaced, by a text that is sealed anew each time. */
const secretField = "client_secret";

/** Errors: ROLE_NOT_FOUND, TEAM_NOT_FOUND, ROLE_EXCEEDS_CALLER, CLIENT_SECRET_REQUIRED. */
export const decide = decideBy<
  IdentityProviderCommand,
  IdentityProviderState,
  IdentityProviderEvent,
  IdentityProviderContext
>({
  CreateIdentityProvider: ({ identityProvider: given }, _state, context) => {
    if (given === undefined) return [];
    const { provider, sealedSecret } = taken(given);
    return (
      refuseMappings(provider, undefined, context) ??
      refusePower(provider, context) ?? [
        {
          type: "IdentityProviderCreated",
          identityProvider: { ...provider, secretKept: sealedSecret !== undefined },
          sealedSecret,
        },
      ]
    );
  },
  UpdateIdentityProvider: onRecord(({ identityProvider: given, updateMask = [] }, state, context) => {
    if (given === undefined) return [];
    const { provider: changes, sealedSecret } = taken(given);
    const paths = updateMask.filter((path) => path !== secretField);
    const after = withChanges(state, changes, paths);
    const [edit] = edited("IdentityProvider", state, changes, paths, context);
    const givesSecret = updateMask.includes(secretField);
    const isSecretNews = givesSecret && (sealedSecret !== undefined || state.sealedSecret !== undefined);
    const changedFields = [...(edit?.changedFields ?? []), ...(isSecretNews ? [secretField] : [])];
    if (changedFields.length === 0) return [];
    const isRenamed = changedFields.every((path) => path === "name");
    return (
      refuseMappings(after, state, context) ??
      (isRenamed ? undefined : refusePower(after, context)) ??
      (givesSecret ? undefined : refuseSecretOfAnother(after, state)) ?? [
        { type: "IdentityProviderEdited", changes, changedFields, editTime: context.now, sealedSecret },
      ]
    );
  }),
  DeleteIdentityProvider: onRecord((_command, state, context) => deleted("IdentityProvider", state, context)),
  UndeleteIdentityProvider: onRecord((_command, state, context) => {
    const events = restored("IdentityProvider", state);
    return events.length === 0 ? events : (refusePower(state, context) ?? events);
  }),
});

/** Takes the sealed secret out of what a command gives: the rest may be told. */
const taken = (given: IdentityProvider): { provider: IdentityProvider; sealedSecret: string | undefined } => ({
  provider: { ...given, clientSecret: "" },
  sealedSecret: given.clientSecret === "" ? undefined : given.clientSecret,
});

/** Refuses roles and teams that a mapping names anew and that the tenant does not have, or the caller may not give. */
const refuseMappings = (
  { groupMappings }: IdentityProvider,
  before: IdentityProvider | undefined,
  { references }: IdentityProviderContext,
): DomainError | undefined => {
  const held = before?.groupMappings ?? [];
  const heldRoles = held.flatMap(({ roleIds }) => roleIds);
  const heldTeams = held.flatMap(({ teamIds }) => teamIds);
  for (const [index, { roleIds, teamIds }] of groupMappings.entries()) {
    const field = `identity_provider.group_mappings[${index}]`;
    const refusal =
      refuseRoles({ ids: roleIds, held: heldRoles, field: `${field}.role_ids` }, references) ??
      refuseTeams({ ids: teamIds, held: heldTeams, field: `${field}.team_ids` }, references);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

/** Whoever says who signs in, and how, could sign in themselves: nobody gives more in this way than they have. */
const refusePower = (
  { groupMappings, linksUsers, externalKeyClaim }: IdentityProvider,
  { references, callerMayAll }: IdentityProviderContext,
): DomainError | undefined => {
  const isAnybodys = linksUsers || externalKeyClaim !== "";
  if (isAnybodys && !callerMayAll) return reject("ROLE_EXCEEDS_CALLER");
  const roleIds = groupMappings.flatMap((mapping) => mapping.roleIds);
  const teamIds = groupMappings.flatMap((mapping) => mapping.teamIds);
  return refuseSuperior({ roleIds, teamIds }, references);
};

/** A secret is sent to whom it was given for: to the token endpoint of its own issuer. */
const refuseSecretOfAnother = (
  after: IdentityProvider,
  { issuer, sealedSecret }: IdentityProviderState,
): DomainError | undefined => {
  if (after.issuer === issuer || sealedSecret === undefined) return undefined;
  const reason = "CLIENT_SECRET_REQUIRED";
  return reject(reason, {}, [{ field: "identity_provider.client_secret", reason }]);
};
