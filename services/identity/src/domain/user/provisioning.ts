import { isSame } from "@keynode/decider/record";
import type { References } from "../references.ts";
import type { Provision, UserState } from "./state.ts";

/** Roles, and teams, that a user may have: as many as a request may name. */
export const grantLimit = 50;

/** What a directory's groups give, in place of what it gave before, and the roles and teams that follow. */
export type Provisioned = Pick<UserState, "roleIds" | "teamIds"> & {
  readonly provision: Provision;
  readonly isNews: boolean;
};

/**
 * Takes back what the directory gave before, unless another one gives it too; what people gave by hand stays. Roles and
 * teams that the tenant does not have are left out.
 */
export const provisioned = (
  { roleIds, teamIds, provisions = [] }: Pick<UserState, "roleIds" | "teamIds" | "provisions">,
  given: Provision,
  { roles, teams }: Pick<References, "roles" | "teams">,
): Provisioned => {
  const provision: Provision = {
    source: given.source,
    roleIds: given.roleIds.filter((id) => roles.has(id)).slice(0, grantLimit),
    teamIds: given.teamIds.filter((id) => teams.has(id)).slice(0, grantLimit),
  };
  const nothing: Provision = { source: given.source, roleIds: [], teamIds: [] };
  const before = provisions.find(({ source }) => source === given.source) ?? nothing;
  const others = provisions.filter(({ source }) => source !== given.source);
  const exchanged = (held: readonly string[], list: "roleIds" | "teamIds"): string[] => {
    const stays = new Set([...provision[list], ...others.flatMap((other) => other[list])]);
    const kept = held.filter((id) => !before[list].includes(id) || stays.has(id));
    return [...kept, ...provision[list].filter((id) => !kept.includes(id))].slice(0, grantLimit);
  };
  return {
    roleIds: exchanged(roleIds, "roleIds"),
    teamIds: exchanged(teamIds, "teamIds"),
    provision,
    isNews: !isSame(before, provision),
  };
};
