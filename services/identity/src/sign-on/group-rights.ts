import type { IdentityProvider_GroupMapping } from "@keynode/contracts/crm/identity/v1/identity_provider";

/** The roles and teams that somebody's groups give, in the order of the mappings. */
export const rightsOfGroups = (
  mappings: readonly IdentityProvider_GroupMapping[],
  groups: ReadonlySet<string>,
): { roleIds: string[]; teamIds: string[] } => {
  const given = mappings.filter(({ group }) => groups.has(group));
  return {
    roleIds: [...new Set(given.flatMap(({ roleIds }) => roleIds))],
    teamIds: [...new Set(given.flatMap(({ teamIds }) => teamIds))],
  };
};
